/** A real PostgreSQL for tests, torture and benchmarks. */
export { execute, freshDatabase } from "./Database.ts"
export type { DatabaseOptions } from "./Database.ts"
export { beDifficult, refuseSome, testDatabase } from "./Mode.ts"
export { PostgresFailed, startPostgres } from "./Server.ts"
export type { Postgres, PostgresOptions } from "./Server.ts"

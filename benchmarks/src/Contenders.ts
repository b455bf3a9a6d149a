/** Everyone that is measured. A new one is a file in `contenders/` and an entry here. */
import type { Contender } from "./Contender.ts"
import { graphql } from "./wires/Graphql.ts"
import { postgraphile } from "./wires/PostGraphile.ts"
import { rest } from "./wires/Rest.ts"

/** As docs/operations.md says. */
const start = ["--max-semi-space-size=16", "--v8-pool-size=1", "../packages/graphql/src/bin.js", "start"] as const

/** All contenders, in the order of the tables. */
export const contenders: ReadonlyArray<Contender> = [
  {
    name: "holdfast-sqlite",
    role: "ours",
    engine: "sqlite",
    tables: "holdfast",
    serves: graphql,
    program: start,
    replays: true,
    note: "GraphQL on SQLite, `holdfast start` in production"
  },
  {
    name: "holdfast-postgres",
    role: "ours",
    engine: "postgres",
    tables: "holdfast",
    serves: graphql,
    program: start,
    replays: true,
    note: "GraphQL on PostgreSQL, `holdfast start` in production"
  },
  {
    name: "in-process-sqlite",
    role: "ours",
    engine: "sqlite",
    tables: "holdfast",
    serves: null,
    program: ["src/contenders/InProcess.ts"],
    replays: true,
    note: "`Sessions.update` on SQLite, no HTTP"
  },
  {
    name: "in-process-sqlite-64",
    role: "ours",
    engine: "sqlite",
    tables: "holdfast",
    serves: null,
    program: ["src/contenders/InProcess.ts"],
    concurrency: 64,
    replays: true,
    note: "the same with 64 fibers"
  },
  {
    name: "in-process-postgres",
    role: "ours",
    engine: "postgres",
    tables: "holdfast",
    serves: null,
    program: ["src/contenders/InProcess.ts"],
    concurrency: 64,
    replays: true,
    note: "`Sessions.update` on PostgreSQL, no HTTP, 64 fibers"
  },
  {
    name: "yoga-sqlite",
    role: "peer",
    engine: "sqlite",
    tables: "by-hand",
    serves: graphql,
    program: ["src/contenders/YogaSqlite.ts"],
    replays: true,
    note: "Yoga without its body limit, resolvers by hand, one `node:sqlite` transaction for each update"
  },
  {
    name: "yoga-postgres",
    role: "peer",
    engine: "postgres",
    tables: "by-hand",
    serves: graphql,
    program: ["src/contenders/YogaPostgres.ts"],
    replays: true,
    note: "the same with one `pg` transaction"
  },
  {
    name: "mercurius",
    role: "peer",
    engine: "postgres",
    tables: "by-hand",
    serves: graphql,
    program: ["graphql-16/Mercurius.ts"],
    replays: true,
    note: "Mercurius with JIT on Fastify, one `pg` transaction"
  },
  {
    name: "apollo",
    role: "peer",
    engine: "postgres",
    tables: "by-hand",
    serves: graphql,
    program: ["graphql-16/Apollo.ts"],
    replays: true,
    note: "Apollo Server 5, standalone, one `pg` transaction"
  },
  {
    name: "postgraphile",
    role: "peer",
    engine: "postgres",
    tables: "by-hand",
    serves: postgraphile,
    program: ["graphql-16/PostGraphile.ts"],
    replays: true,
    note: "PostGraphile 5, the mutation is a function in PL/pgSQL"
  },
  {
    name: "express-memory",
    role: "peer",
    engine: "postgres",
    tables: "by-hand",
    serves: rest,
    program: ["src/contenders/ExpressMemory.ts"],
    replays: true,
    lacks: "durable keys",
    note: "Express, `@node-idempotency/core` with its storage in memory: a restart forgets every key"
  },
  {
    name: "express-postgres",
    role: "peer",
    engine: "postgres",
    tables: "by-hand",
    serves: rest,
    program: ["src/contenders/ExpressPostgres.ts"],
    replays: true,
    note: "the same with a storage adapter on `pg`: the key survives, but is not of the update's transaction"
  },
  {
    name: "yoga-default",
    role: "reference",
    engine: "none",
    tables: "none",
    serves: graphql,
    program: ["src/contenders/YogaDefault.ts"],
    replays: false,
    note: "Yoga as `createYoga({ schema })` makes it"
  },
  {
    name: "yoga-tuned",
    role: "reference",
    engine: "none",
    tables: "none",
    serves: graphql,
    program: ["src/contenders/YogaTuned.ts"],
    replays: false,
    note: "Yoga without body limit, CORS and multipart"
  },
  {
    name: "yoga-engine",
    role: "reference",
    engine: "none",
    tables: "none",
    serves: graphql,
    program: ["src/contenders/YogaEngine.ts"],
    replays: false,
    note: "`yoga.getEnveloped` behind a bare `node:http` handler"
  },
  {
    name: "node-http",
    role: "reference",
    engine: "none",
    tables: "none",
    serves: graphql,
    program: ["src/contenders/NodeHttp.ts"],
    replays: false,
    note: "`node:http` and JSON alone"
  },
  {
    name: "sqlite-one-by-one",
    role: "limit",
    engine: "sqlite",
    tables: "holdfast",
    serves: null,
    program: ["src/contenders/RawSqlite.ts", "1"],
    concurrency: 1,
    replays: false,
    note: "`node:sqlite` writing the rows that Holdfast writes, a transaction for each update"
  },
  {
    name: "sqlite-groups-32",
    role: "limit",
    engine: "sqlite",
    tables: "holdfast",
    serves: null,
    program: ["src/contenders/RawSqlite.ts", "32"],
    concurrency: 32,
    replays: false,
    note: "the same with 32 updates to a transaction"
  },
  {
    name: "sqlite-groups-64",
    role: "limit",
    engine: "sqlite",
    tables: "holdfast",
    serves: null,
    program: ["src/contenders/RawSqlite.ts", "64"],
    concurrency: 64,
    replays: false,
    note: "the same with 64 updates to a transaction"
  },
  {
    name: "postgres-statement",
    role: "limit",
    engine: "postgres",
    tables: "holdfast",
    serves: null,
    program: ["src/contenders/RawPostgres.ts"],
    concurrency: 32,
    replays: false,
    note: "one prepared statement for each update on 32 `pg` connections, which writes the rows that Holdfast writes"
  },
  {
    name: "pgbench",
    role: "limit",
    engine: "postgres",
    tables: "holdfast",
    serves: null,
    program: ["src/contenders/PgBench.ts"],
    concurrency: 32,
    replays: false,
    needs: "pgbench",
    note: "the same statement by `pgbench`, where there is one"
  }
]

/** The contender of this name. Throws if there is none. */
export const contenderNamed = (name: string): Contender => {
  const found = contenders.find((contender) => contender.name === name)
  if (found === undefined) {
    throw new Error(`There is no contender ${name}; there are ${contenders.map(({ name }) => name).join(", ")}`)
  }
  return found
}

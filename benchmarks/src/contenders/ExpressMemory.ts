/** Express REST on `pg`, with idempotency keys in the memory of the process. */
import { MemoryStorageAdapter } from "@node-idempotency/storage-adapter-memory"
import { serveExpress } from "../byHand/Express.ts"
import { openPostgres } from "../byHand/Postgres.ts"
import { setting } from "../Setting.ts"

const { authenticate, update } = openPostgres(setting().databaseUrl)

serveExpress({
  storage: new MemoryStorageAdapter(),
  authenticate,
  update: async (tenant, request) => (await update({ tenant, key: null, ...request })).session
})

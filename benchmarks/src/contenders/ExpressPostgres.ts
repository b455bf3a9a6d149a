/** Express REST on `pg`, with idempotency keys in a table: the storage adapter that the library lets one bring. */
import type { StorageAdapter } from "@node-idempotency/storage"
import { serveExpress } from "../byHand/Express.ts"
import { openPostgres } from "../byHand/Postgres.ts"
import { setting } from "../Setting.ts"

const { authenticate, pool, update } = openPostgres(setting().databaseUrl)

const setIfNotExists = {
  name: "set-if-not-exists",
  text: `INSERT INTO idempotency_storage AS s (key, value, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at WHERE s.expires_at <= now()`
}

const set = {
  name: "set",
  text: `INSERT INTO idempotency_storage (key, value, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`
}

const get = { name: "get", text: "SELECT value FROM idempotency_storage WHERE key = $1 AND expires_at > now()" }

const after = (milliseconds = 86_400_000) => new Date(Date.now() + milliseconds)

const storage: StorageAdapter = {
  setIfNotExists: async (key, value, { ttl } = {}) =>
    (await pool.query({ ...setIfNotExists, values: [key, value, after(ttl)] })).rowCount === 1,
  set: async (key, value, { ttl }) => void (await pool.query({ ...set, values: [key, value, after(ttl)] })),
  get: async (key) => (await pool.query<{ value: string }>({ ...get, values: [key] })).rows[0]?.value
}

serveExpress({
  storage,
  authenticate,
  update: async (tenant, request) => (await update({ tenant, key: null, ...request })).session
})

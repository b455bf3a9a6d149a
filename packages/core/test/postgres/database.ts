/** A database of one's own on the server that runs for the tests, and stores in it. */
import { freshDatabase } from "@holdfast/tool-postgres"
import type { DatabaseOptions } from "@holdfast/tool-postgres"
import { serverUrl } from "@holdfast/tool-postgres/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { layerPostgres } from "../../src/postgres/index.ts"
import type { PostgresOptions } from "../../src/postgres/index.ts"
import { ApiKeyStore } from "../../src/store/ApiKeyStore.ts"
import { SessionStore } from "../../src/store/SessionStore.ts"

/** The URL of an empty database, which is dropped after the test. */
export const emptyDatabase = (options?: DatabaseOptions) => freshDatabase(serverUrl(), options)

/** Opens the database, as a process does when it starts. */
export const open = Effect.fnUntraced(function* (url: string, options: Omit<PostgresOptions, "url"> = {}) {
  const services = yield* Layer.build(Layer.fresh(layerPostgres({ url: Redacted.make(url), ...options })))
  return { sessions: Context.get(services, SessionStore), keys: Context.get(services, ApiKeyStore) }
})

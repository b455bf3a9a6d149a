/**
 * `@holdfast/core/sqlite`: the stores in one SQLite file, with the SQLite that Node brings. No server and no dependency; what
 * was answered is on the disk.
 *
 * Several processes may use the file at the same time, on one machine and not over a network file system.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import { migrate } from "../sql/Migrations.ts"
import { ApiKeyStore } from "../store/ApiKeyStore.ts"
import { SessionStore } from "../store/SessionStore.ts"
import { StoreUnopened } from "../store/StoreUnopened.ts"
import { makeAccess, untilFree } from "./Access.ts"
import { makeApiKeyStore } from "./SqliteApiKeyStore.ts"
import * as SqliteClient from "./SqliteClient.ts"
import { makeSessionStore } from "./SqliteSessionStore.ts"

/**
 * Both stores in one file, which is made when it is missing, its directory included, for its owner alone, and brought up to date. `:memory:` keeps
 * everything in memory.
 *
 * Each call is a layer of its own, with its own connection: keep the value and provide it once.
 *
 * @example
 * const Stores = layerSqlite({ filename: "data/holdfast.db" })
 */
export const layerSqlite = (options: {
  readonly filename: string
}): Layer.Layer<SessionStore | ApiKeyStore, StoreUnopened> =>
  Layer.effectContext(
    Effect.gen(function* () {
      yield* Effect.try(() => prepare(options.filename))
      const start = yield* Clock.currentTimeMillis
      const client = yield* Layer.build(SqliteClient.layer(options)).pipe(untilFree(start))
      yield* Effect.provideContext(migrate, client).pipe(untilFree(start))
      const access = makeAccess(Context.get(client, SqlClient.SqlClient), Context.get(client, SqliteClient.Sqlite))
      return Context.make(SessionStore, yield* makeSessionStore(access)).pipe(
        Context.add(ApiKeyStore, makeApiKeyStore(access))
      )
    }).pipe(Effect.mapError((cause) => new StoreUnopened({ database: options.filename, cause })))
  )

/** Makes what is missing so that only its owner can read it; SQLite gives its log the mode of the file. */
const prepare = (filename: string): void => {
  if (filename === ":memory:" || filename.startsWith("file:")) return
  mkdirSync(dirname(filename), { recursive: true, mode: 0o700 })
  if (!existsSync(filename)) closeSync(openSync(filename, "a", 0o600))
}

/** Databases of a server, each with a life of its own: made, used, dropped. */
import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted, Schedule } from "effect"
import type { Scope } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import type { SqlError } from "effect/sql"
import { randomBytes } from "node:crypto"

/** How to make a database. */
export interface DatabaseOptions {
  /** Settings that every session in it begins with, such as `default_transaction_isolation`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Runs statements one after the other on a connection of its own; the rows of the last. */
export const execute = (
  url: string,
  statements: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Record<string, unknown>>, SqlError.SqlError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const sql = yield* PgClient.makeClient({ url: Redacted.make(url), connectTimeout: "5 seconds" })
      const results = yield* Effect.forEach(
        statements,
        (statement) => sql.unsafe<Record<string, unknown>>(statement).unprepared
      )
      return results.at(-1) ?? []
    })
  ).pipe(Effect.provide(Reactivity.layer))

/** Waits until the server answers; fails with what it said last when it has not within half a minute. */
export const waitUntilReady = (url: string): Effect.Effect<void, SqlError.SqlError> =>
  execute(url, ["SELECT 1"]).pipe(Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 1_500 }), Effect.asVoid)

/** Makes a database on the server of the URL, and drops it with the scope, whoever is still connected to it. Its URL. */
export const freshDatabase = Effect.fn("freshDatabase")(function* (
  server: string,
  { settings = {} }: DatabaseOptions = {}
): Effect.fn.Return<string, SqlError.SqlError, Scope.Scope> {
  const name = `test_${randomBytes(8).toString("hex")}`
  yield* Effect.acquireRelease(execute(server, [`CREATE DATABASE ${name}`]), () =>
    Effect.ignore(execute(server, [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]))
  )
  const set = Object.entries(settings).map(([key, value]) => `ALTER DATABASE ${name} SET ${key} = '${value}'`)
  if (set.length > 0) yield* execute(server, set)
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
})

/** The stores of core that everything is tested over. A layer of this list is another database each time it is built. */
import { layerMemory } from "@holdfast/core"
import { layerPostgres } from "@holdfast/core/postgres"
import { layerSqlite } from "@holdfast/core/sqlite"
import type { StoreUnopened } from "@holdfast/core/sqlite"
import { beDifficult, execute, testDatabase } from "@holdfast/tool-postgres"
import type {} from "@holdfast/tool-postgres/globalSetup"
import type { Stores } from "@holdfast/testing"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, inject } from "vitest"

/** A directory that is gone afterwards. */
export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "holdfast-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
)

/** SQLite in a file that is gone afterwards. */
export const layerSqliteFile: Layer.Layer<Stores, StoreUnopened> = Layer.unwrap(
  Effect.map(temporaryDirectory, (directory) => layerSqlite({ filename: join(directory, "holdfast.db") }))
)

const tables = ["organizations", "api_keys", "sessions", "idempotency_records", "events", "audit"]

/** Databases with nothing in them but tables, to be used again: making one takes longer than most tests. */
const empty: Array<string> = []
const made = Scope.makeUnsafe()
afterAll(() => Effect.runPromise(Scope.close(made, Exit.void)))

const makeDatabase = Effect.gen(function* () {
  const url = yield* testDatabase(inject("postgresUrl"))
  yield* Effect.scoped(Layer.build(Layer.fresh(layerPostgres({ url: Redacted.make(url) }))))
  yield* beDifficult(url, tables)
  return url
}).pipe(Scope.provide(made))

/** The URL of a PostgreSQL database in which nothing is stored. */
export const postgresDatabase = Effect.acquireRelease(
  Effect.suspend(() => {
    const url = empty.pop()
    return url === undefined ? Effect.orDie(makeDatabase) : Effect.succeed(url)
  }),
  (url) =>
    Effect.andThen(
      Effect.orDie(execute(url, [`TRUNCATE ${tables.join(", ")}`])),
      Effect.sync(() => empty.push(url))
    )
)

/** PostgreSQL, in a database of the server that runs for the tests. */
export const layerPostgresDatabase: Layer.Layer<Stores> = Layer.orDie(
  Layer.unwrap(Effect.map(postgresDatabase, (url) => layerPostgres({ url: Redacted.make(url) })))
)

/** One store of each kind, for tests of what stands on it. */
export const engines: ReadonlyArray<readonly [name: string, stores: Layer.Layer<Stores>]> = [
  ["memory", layerMemory],
  ["SQLite", Layer.orDie(layerSqlite({ filename: ":memory:" }))],
  ["PostgreSQL", layerPostgresDatabase]
]

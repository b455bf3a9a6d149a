/** The stores of core that everything is tested over. A layer of this list is another database each time it is built. */
import { layerMemory } from "@holdfast/core"
import type { StoreUnopened } from "@holdfast/core"
import { layerPostgres } from "@holdfast/core/postgres"
import { layerSqlite } from "@holdfast/core/sqlite"
import { databasePool } from "@holdfast/tool-postgres/Pool"
import type { Stores } from "@holdfast/testing"
import { Effect, Layer, Redacted } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A directory that is gone afterwards. */
export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "holdfast-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
)

/** SQLite in a file that is gone afterwards. */
export const layerSqliteFile: Layer.Layer<Stores, StoreUnopened> = Layer.unwrap(
  Effect.map(temporaryDirectory, (directory) => layerSqlite({ filename: join(directory, "holdfast.db") }))
)

/** The URL of a PostgreSQL database in which nothing is stored. */
export const postgresDatabase = databasePool({
  migrate: (url) => Effect.scoped(Layer.build(Layer.fresh(layerPostgres({ url: Redacted.make(url) })))),
  tables: ["organizations", "api_keys", "sessions", "idempotency_records", "history"]
})

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

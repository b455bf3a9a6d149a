/** The stores of core that everything is tested over. A layer of this list is another database each time it is built. */
import { layerMemory } from "@holdfast/core"
import { layerSqlite } from "@holdfast/core/sqlite"
import type { StoreUnopened } from "@holdfast/core/sqlite"
import type { Stores } from "@holdfast/testing"
import { Effect, Layer } from "effect"
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

/** One store of each kind, for tests of what stands on it. */
export const engines: ReadonlyArray<readonly [name: string, stores: Layer.Layer<Stores>]> = [
  ["memory", layerMemory],
  ["SQLite", Layer.orDie(layerSqlite({ filename: ":memory:" }))]
]

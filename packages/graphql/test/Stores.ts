/**
 * What the tests of this package stand on: the library over a real database, SQLite or PostgreSQL. `vitest.config.ts` runs them
 * once over each. Each time the layer is built it is another database, with nothing in it.
 */
import { layerPostgres } from "@holdfast/core/postgres"
import { layerSqlite } from "@holdfast/core/sqlite"
import { layerOver } from "@holdfast/testing"
import type { Services, Stores } from "@holdfast/testing"
import { databasePool } from "@holdfast/tool-postgres/Pool"
import { Effect, Layer, Redacted } from "effect"
import { inject } from "vitest"

declare module "vitest" {
  interface ProvidedContext {
    /** The database that the tests run over. */
    engine: "sqlite" | "postgres"
  }
}

const open = (url: string) => layerPostgres({ url: Redacted.make(url) })

const postgres = () => {
  const databases = databasePool({
    migrate: (url) => Effect.scoped(Layer.build(open(url))),
    tables: ["organizations", "api_keys", "sessions", "idempotency_records", "history"]
  })
  return Layer.orDie(Layer.unwrap(Effect.map(databases, open)))
}

/** The stores. */
export const layerStores: Layer.Layer<Stores> =
  inject("engine") === "postgres" ? postgres() : Layer.orDie(layerSqlite({ filename: ":memory:" }))

/** The whole library over them. */
export const layerTest: Layer.Layer<Services> = layerOver(layerStores)

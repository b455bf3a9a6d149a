/** Every store of core keeps every rule of the store ports. */
import { layerMemory } from "@holdfast/core"
import { layerSqlite } from "@holdfast/core/sqlite"
import { storeConformance } from "@holdfast/testing"
import { layerPostgresDatabase, layerSqliteFile } from "./engines.ts"

storeConformance("memory", layerMemory)
storeConformance("SQLite in memory", layerSqlite({ filename: ":memory:" }))
storeConformance("SQLite in a file", layerSqliteFile)
storeConformance("PostgreSQL", layerPostgresDatabase)

/** A PostgreSQL server of one's own, with one database for the servers. */
import { PgClient } from "@effect/sql-pg"
import { execute, startPostgres } from "@holdfast/tool-postgres"
import { Effect, Redacted, Schedule } from "effect"
import type { Scope } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { readTables } from "./Database.ts"
import type { PostgresDatabase } from "./Database.ts"

/** Starts PostgreSQL, synced to the disk as in production; it is gone with the scope. */
export const startDatabase: Effect.Effect<PostgresDatabase, never, Scope.Scope> = Effect.gen(function* () {
  const server = yield* startPostgres()
  const url = yield* server.createDatabase()
  // Right after a crash the database may still be on its way back.
  const patiently = Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 300 })
  return {
    engine: "postgres",
    server,
    url,
    read: readTables((sql) => execute(url, [sql]).pipe(patiently, Effect.orDie)),
    damage: Effect.succeed(null),
    hold: Effect.gen(function* () {
      const sql = yield* PgClient.makeClient({ url: Redacted.make(url) })
      yield* sql.unsafe("BEGIN").unprepared
      yield* sql.unsafe("LOCK TABLE sessions IN EXCLUSIVE MODE").unprepared
      yield* Effect.addFinalizer(() => Effect.orDie(sql.unsafe("ROLLBACK").unprepared))
    }).pipe(Effect.provide(Reactivity.layer), Effect.orDie)
  } satisfies PostgresDatabase
}).pipe(Effect.orDie)

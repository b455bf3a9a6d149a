/** A SQLite file, looked at through a connection of its own. */
import { Effect } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { readTables } from "./Database.ts"
import type { SqliteDatabase } from "./Database.ts"

/** A database file in a directory, which the first program that opens it will make. */
export const sqliteIn = (directory: string): SqliteDatabase => {
  const file = join(directory, "holdfast.db")
  const open = (readOnly: boolean) =>
    Effect.acquireRelease(
      Effect.sync(() => new DatabaseSync(file, { readOnly, timeout: 5_000 })),
      (database) => Effect.sync(() => database.close())
    )
  return {
    engine: "sqlite",
    url: `sqlite:${file}`,
    files: [file, `${file}-wal`],
    sharedMemory: `${file}-shm`,
    read: Effect.scoped(
      Effect.flatMap(open(true), (database) => readTables((sql) => Effect.sync(() => database.prepare(sql).all())))
    ),
    damage: Effect.scoped(
      Effect.map(open(true), (database) => {
        const found = database
          .prepare("PRAGMA integrity_check")
          .all()
          .map((row) => String(row["integrity_check"]))
        return found.length === 1 && found[0] === "ok" ? null : found.join("; ")
      })
    ),
    hold: Effect.asVoid(
      Effect.tap(open(false), (database) =>
        Effect.acquireRelease(
          Effect.sync(() => database.exec("BEGIN IMMEDIATE")),
          () => Effect.sync(() => database.exec("ROLLBACK"))
        )
      )
    )
  }
}

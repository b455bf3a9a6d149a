/**
 * How the stores get at the database: blocks of statements, synchronous and atomic, with the errors of the port.
 *
 * A database that another process is writing to is tried again for up to five seconds, in pauses that hold up nobody else.
 * Each try blocks the event loop for as long as SQLite waits by itself (3 ms), so the writers of one process take turns and
 * only one of them is trying.
 */
import { Clock, Effect, Schedule, Semaphore } from "effect"
import { SqlError } from "effect/sql"
import type { SqlClient } from "effect/sql"
import type { SQLInputValue, StatementSync } from "node:sqlite"
import { inOrder, makeNumbered } from "../sql/Numbered.ts"
import type { Values } from "../sql/Numbered.ts"
import { StoreError } from "../store/SessionStore.ts"
import { isInDoubt } from "./SqliteClient.ts"
import type { Sqlite } from "./SqliteClient.ts"

/** Sends statements. Values are bound by their places, which takes `node:sqlite` half the time of binding them by name. */
export interface Ask {
  readonly first: (sql: string, values: Values) => object | undefined
  readonly all: (sql: string, values: Values) => ReadonlyArray<object>
  /** Writes, and says how many rows. */
  readonly run: (sql: string, values: Values) => number
}

/** Ways to the database. What a block throws undoes the block and is a `StoreError`. */
export interface Access {
  /** Runs a block that only reads. Each statement sees the database as it is at that moment. */
  readonly read: <A>(block: (ask: Ask) => A) => Effect.Effect<A, StoreError>
  /** Runs a block as one transaction that has the write lock from its beginning. */
  readonly write: <A>(block: (ask: Ask) => A) => Effect.Effect<A, StoreError>
  /** The same for blocks with something to decide in between. What the work fails with undoes them all. */
  readonly transaction: <A, E>(
    work: (step: <B>(block: (ask: Ask) => B) => Effect.Effect<B, SqlError.SqlError>) => Effect.Effect<A, E>
  ) => Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreError>
  /** Writes the log into the database file and empties it. Does what it can: a reader elsewhere can prevent it. */
  readonly checkpoint: Effect.Effect<void>
}

const patience = 5_000

/** 1 ms, then longer, but never long enough to miss a short gap by much. */
const backoff = Schedule.min([Schedule.exponential("1 millis"), Schedule.spaced("20 millis")]).pipe(Schedule.jittered)

/** Whether the work failed because somebody else holds the lock, and nothing was done. */
export const isBusy = (error: unknown): boolean =>
  SqlError.isSqlError(error) && error.reason._tag === "LockTimeoutError" && !isInDoubt(error)

/** Retries what is busy, as long as it is within the patience since `start`. */
export const untilFree =
  (start: number) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.retry(work, {
      while: (error) => Effect.map(Clock.currentTimeMillis, (now) => isBusy(error) && now - start < patience),
      schedule: backoff
    })

/** Access through one connection. */
export const makeAccess = (sql: SqlClient.SqlClient, sqlite: Sqlite["Service"]): Access => {
  const turn = Semaphore.makeUnsafe(1)
  const step = <A>(block: (ask: Ask) => A) => sqlite.run((prepare) => block(makeAsk(prepare)))

  const transaction: Access["transaction"] = (work) =>
    Clock.currentTimeMillis.pipe(
      Effect.flatMap((start) => turn.withPermit(untilFree(start)(sql.withTransaction(work(step))))),
      Effect.catchIf(SqlError.isSqlError, (error) => Effect.fail(storeError(error))),
      // Not even the rollback went through: nobody knows what is in the log.
      Effect.catchDefect((defect) =>
        SqlError.isSqlError(defect)
          ? Effect.fail(new StoreError({ outcome: "unknown", cause: defect }))
          : Effect.die(defect)
      )
    )

  return {
    read: (block) =>
      step(block).pipe(
        Effect.catchIf(isBusy, () => Effect.flatMap(Clock.currentTimeMillis, (start) => untilFree(start)(step(block)))),
        Effect.mapError(storeError)
      ),
    transaction,
    write: (block) => transaction((step) => step(block)),
    checkpoint: sqlite
      .run((prepare) => prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 0)
      .pipe(Effect.repeat({ until: (done) => done, schedule: backoff, times: 5 }), Effect.ignore)
  }
}

const numbered = makeNumbered("?")

const makeAsk = (prepare: (sql: string) => StatementSync): Ask => {
  const bound = <A>(
    sql: string,
    values: Values,
    use: (statement: StatementSync, values: ReadonlyArray<SQLInputValue>) => A
  ) => {
    const { names, text } = numbered(sql)
    // `node:sqlite` checks every value it binds.
    return use(prepare(text), inOrder(names, values) as ReadonlyArray<SQLInputValue>)
  }
  return {
    first: (sql, values) => bound(sql, values, (statement, all) => statement.get(...all)),
    all: (sql, values) => bound(sql, values, (statement, all) => statement.all(...all)),
    run: (sql, values) => bound(sql, values, (statement, all) => Number(statement.run(...all).changes))
  }
}

const storeError = (error: SqlError.SqlError): StoreError =>
  new StoreError({ outcome: isInDoubt(error) ? "unknown" : "not_applied", cause: error })

/**
 * How the stores get at the database: statements on two small pools, with the errors of the port.
 *
 * Reads share connections: the statements of many callers travel down one connection without waiting for each other's answers. Commits
 * have connections of their own, because a commit that waits for a lock would hold up all that is behind it.
 *
 * - **Every call ends within five seconds**, whatever the network does: whoever waits is answered even when the driver still is
 *   not, and a connection that did not answer is given up.
 * - **What passes is tried again** within that time, in growing pauses: other writers, a server that restarts, a connection that
 *   was cut before anything could be committed.
 * - **A commit that may have happened is `unknown`.** That is any whose answer did not come; only the server's own word that it
 *   was undone makes it `not_applied`.
 *
 * Time here is the machine's, even under a test's clock: the network does not wait for that.
 */
import { PgPool } from "@effect/sql-pg"
import type { PgConnection } from "@effect/sql-pg"
import { Clock, Effect, Exit, Fiber, Schedule } from "effect"
import type { Scope } from "effect"
import { SqlError } from "effect/sql"
import { inOrder, makeNumbered } from "../sql/Numbered.ts"
import type { Values } from "../sql/Numbered.ts"
import { StoreError } from "../store/SessionStore.ts"
import { isCollision, isHeld, isPassing, isStandby, isUndone } from "./Failure.ts"

/** Sends a statement of a transaction. */
export type Run = (sql: string, values: Values) => Effect.Effect<PgConnection.Result, SqlError.SqlError>

/** Ways to the database. */
export interface Access {
  /** One statement that only reads, and what to make of its rows. */
  readonly read: <A>(
    sql: string,
    values: Values,
    decode: (rows: PgConnection.Result["rows"]) => A
  ) => Effect.Effect<A, StoreError>
  /** One statement that writes, durable when it is answered. `impatient`: a lock that somebody else holds is waited for once. */
  readonly write: (
    sql: string,
    values: Values,
    options?: { readonly impatient: boolean }
  ) => Effect.Effect<PgConnection.Result, StoreError>
  /**
   * Several statements, durable together or not at all. What the work fails with undoes them. It may be done several times, until
   * it goes through.
   */
  readonly transaction: <A, E>(
    work: (run: Run) => Effect.Effect<A, E>
  ) => Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreError>
}

const patience = "5 seconds"

/** Who collides so often does not do so by chance. */
const maxCollisions = 3

/** 2 ms, then longer, but never long enough to miss a short gap by much. */
const backoff = Schedule.min([Schedule.exponential("2 millis"), Schedule.spaced("200 millis")]).pipe(Schedule.jittered)

/** The clock of the machine. */
export const machineClock = Clock.Clock.defaultValue()

/** What is known of a call that is under way. */
interface Call {
  /** Whether a commit was sent that nobody has answered. */
  inDoubt: boolean
  connection: PgConnection.PgConnection | undefined
  failure: SqlError.SqlError | undefined
  collisions: number
}

/** Access through two pools of these settings. They are closed with the scope. */
export const makeAccess = Effect.fnUntraced(function* (settings: {
  readonly reads: PgPool.Config
  readonly commits: PgPool.Config
}): Effect.fn.Return<Access, SqlError.SqlError, Scope.Scope> {
  const pool = (settings: PgPool.Config) =>
    Effect.provideService(PgPool.make({ ...settings, idleTimeout: "5 minutes" }), Clock.Clock, machineClock)
  const reads = yield* pool({ ...settings.reads, multiplex: true })
  const commits = yield* pool(settings.commits)

  /** Does it until it is done or time is up. Nobody waits for a driver that is stuck. */
  const settle = <A, E>(
    pool: PgPool.PgPool,
    once: (connection: PgConnection.PgConnection, call: Call) => Effect.Effect<A, E | SqlError.SqlError>,
    impatient = false
  ): Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreError> =>
    Effect.suspend(() => {
      const call: Call = { inDoubt: false, connection: undefined, failure: undefined, collisions: 0 }
      const tries = pool
        .use((connection) => {
          call.connection = connection
          return Effect.tapError(once(connection, call), (error) =>
            SqlError.isSqlError(error) && isStandby(error) ? pool.invalidate(connection) : Effect.void
          )
        })
        .pipe(
          Effect.retry({
            while: (error) => {
              if (!SqlError.isSqlError(error)) return false
              call.failure = error
              if (impatient && isHeld(error)) return false
              return !call.inDoubt && (isPassing(error) || (isCollision(error) && call.collisions++ < maxCollisions))
            },
            schedule: backoff
          })
        )
      const late = () => {
        const giveUp = call.connection === undefined ? Effect.void : pool.invalidate(call.connection)
        return Effect.andThen(
          Effect.forkDetach(giveUp),
          Effect.fail(storeError(call, call.failure ?? new Error("No answer in time")))
        )
      }
      return Effect.flatMap(Effect.forkDetach(tries, { startImmediately: true }), (fiber) =>
        Fiber.join(fiber).pipe(
          Effect.timeoutOrElse({ duration: patience, orElse: late }),
          Effect.onExit(() => Effect.sync(() => fiber.interruptUnsafe()))
        )
      ).pipe(Effect.catchIf(SqlError.isSqlError, (error) => Effect.fail(storeError(call, error)))) as Effect.Effect<
        A,
        Exclude<E, SqlError.SqlError> | StoreError
      >
    }).pipe(Effect.provideService(Clock.Clock, machineClock))

  return {
    read: (sql, values, decode) =>
      Effect.flatMap(
        settle(reads, (connection) => send(connection, sql, values)),
        ({ rows }) => decoded(() => decode(rows))
      ),
    write: (sql, values, { impatient } = { impatient: false }) =>
      settle(commits, (connection, call) => committing(call, send(connection, sql, values)), impatient),
    transaction: (work) =>
      Effect.flatMap(Clock.Clock, (clock) =>
        settle(commits, (connection, call) =>
          // The level is named because the store depends on it: a redaction's second statement has to see what was committed
          // before the session was locked.
          connection.query("BEGIN ISOLATION LEVEL READ COMMITTED").pipe(
            Effect.andThen(
              Effect.provideService(
                work((sql, values) => send(connection, sql, values)),
                Clock.Clock,
                clock
              )
            ),
            Effect.tap(() => committing(call, commit(connection))),
            Effect.onError(() => (call.inDoubt ? Effect.void : rollback(commits, connection)))
          )
        )
      )
  }
})

/** What can be made of rows. What cannot is the store's failure, not a defect. */
export const decoded = <A>(decode: () => A): Exit.Exit<A, StoreError> => {
  try {
    return Exit.succeed(decode())
  } catch (cause) {
    return Exit.fail(new StoreError({ outcome: "not_applied", cause }))
  }
}

const numbered = makeNumbered("$")

const send = (connection: PgConnection.PgConnection, sql: string, values: Values) =>
  Effect.suspend(() => {
    const { names, text } = numbered(sql)
    return connection.query(text, inOrder(names, values))
  })

/** Keeps the call in doubt from the moment of sending until the server has said what became of it. */
const committing = <A>(call: Call, statement: Effect.Effect<A, SqlError.SqlError>) =>
  Effect.suspend(() => {
    call.inDoubt = true
    return statement
  }).pipe(
    Effect.tap(() => Effect.sync(() => (call.inDoubt = false))),
    Effect.tapError((error) => Effect.sync(() => (call.inDoubt = !isUndone(error))))
  )

/** A transaction that had failed is answered with `ROLLBACK`, and without an error. */
const commit = (connection: PgConnection.PgConnection) =>
  Effect.flatMap(connection.query("COMMIT"), ({ command }) =>
    command === "COMMIT" ? Effect.void : Effect.die(new Error("A transaction that had failed was committed"))
  )

/** A connection that does not even take this is given up, and the server undoes what it had begun. */
const rollback = (pool: PgPool.PgPool, connection: PgConnection.PgConnection) =>
  connection.query("ROLLBACK").pipe(
    Effect.timeout("1 second"),
    Effect.catchCause(() => pool.invalidate(connection))
  )

const storeError = (call: Call, cause: unknown): StoreError =>
  new StoreError({ outcome: call.inDoubt ? "unknown" : "not_applied", cause })

/**
 * A `SqlClient` over `node:sqlite`, the SQLite that comes with Node: one file, one connection, no dependency.
 *
 * - **Acknowledged is durable.** `journal_mode=WAL` with `synchronous=FULL`: every commit is synced before it is answered.
 *   A file on which SQLite cannot keep a write-ahead log is refused, not served with a weaker promise.
 * - **Deleted is overwritten** (`secure_delete=ON`), and foreign keys are enforced.
 * - **Transactions are `BEGIN IMMEDIATE`**, so none fails half-way because another process wrote in between. They roll back
 *   on failure and on interruption; nested ones are savepoints.
 * - **A busy database is an error, not a wait.** SQLite waits by blocking the whole event loop, so it may for 3 ms; then
 *   the statement fails with a `LockTimeoutError`, which is retryable, and the caller retries without blocking anyone.
 * - **A failed `COMMIT` can be told apart** (`isInDoubt`): whether the transaction took place is then not known.
 *
 * One connection is enough: `node:sqlite` is synchronous, so a second one could not read while the first one writes.
 * Statements of other fibers wait until an open transaction has ended and never see its rows before that. Transactions and
 * streams hold the connection, so let nothing but SQL happen inside them.
 */
import { Array as Arr, Cause, Context, Effect, Layer, Option, Predicate, Semaphore, Stream } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient, type SqlConnection, SqlError, Statement } from "effect/sql"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"

/** How to open a database. */
export interface Options {
  /** Path of the database file, which is made when missing (its directory is not), or `:memory:`. */
  readonly filename: string
  /**
   * `FULL` (default) syncs every commit. `NORMAL` leaves that to checkpoints: about ten times as many single commits a
   * second, but commits that were acknowledged are lost when the machine loses power (not when the process dies).
   */
  readonly synchronous?: "FULL" | "NORMAL" | undefined
}

/**
 * The connection behind the `SqlClient` of the same layer, for work that must not pay for an effect per statement, such as
 * a batch of commits.
 *
 * @example
 * ```ts
 * sql.withTransaction(
 *   sqlite.run((prepare) => {
 *     for (const { id, name } of items) prepare("INSERT INTO items (id, name) VALUES (?, ?)").run(id, name)
 *   })
 * )
 * ```
 */
export class Sqlite extends Context.Service<
  Sqlite,
  {
    /**
     * Runs a synchronous block alone on the connection: within `sql.withTransaction` as a part of that transaction,
     * elsewhere as soon as no other fiber holds the connection. What the block throws becomes a `SqlError`.
     *
     * `prepare` takes exactly one statement and remembers it; it is for use inside the block only. Rows are null-prototype
     * objects and integers are numbers (a larger one than `Number.MAX_SAFE_INTEGER` is an error).
     */
    readonly run: <A>(block: (prepare: (sql: string) => StatementSync) => A) => Effect.Effect<A, SqlError.SqlError>
  }
>()("@holdfast/core/sqlite/Sqlite") {}

/**
 * Whether an error came from `COMMIT`, so that it is unknown whether the transaction took place: it is undone for every
 * reader now, but may come back complete from the log after a crash. Look up what it should have written before deciding
 * again; the next commit overwrites it and ends the doubt. A write outside `sql.withTransaction` is not told apart.
 *
 * The connection needs no reopening. A transaction that is still open after the failure (a deferred foreign key was
 * violated) is rolled back; should that fail too, both errors arrive as defects, and every later use tries the rollback
 * again and fails with a `ConnectionError` until it succeeds.
 */
export const isInDoubt = (error: SqlError.SqlError): boolean => error.reason.operation === "commit"

/**
 * Opens the database for the lifetime of the layer. Fails with a `ConnectionError` when the file cannot be opened or cannot
 * have a write-ahead log, with an `UnknownError` when it is not a database, and with a `LockTimeoutError` while another process
 * writes to a file that has no such log yet. Opening, and only opening, may block for up to 5 s while another process recovers
 * the same file.
 *
 * Every call is a layer of its own, with its own connection: keep the value and provide it once.
 */
export const layer = (options: Options): Layer.Layer<SqlClient.SqlClient | Sqlite, SqlError.SqlError> =>
  Layer.effectContext(make(options)).pipe(Layer.provide(Reactivity.layer))

const make = Effect.fnUntraced(function* (options: Options) {
  const database = yield* open(options)
  const prepare = makeCache(database)
  const acquirers = SqlClient.makeSqliteAcquirers({
    connection: Effect.succeed(makeConnection(database, prepare)),
    semaphore: Semaphore.makeUnsafe(1),
    isTransaction: () => database.isTransaction
  })
  const client = yield* SqlClient.make({
    ...acquirers,
    compiler: Statement.makeCompilerSqlite(),
    driver: "sqlite-node",
    spanAttributes: [["db.system.name", "sqlite"]],
    prepareTransactionControls: true,
    beginTransaction: "BEGIN IMMEDIATE",
    commit: () => attempt("commit", () => void prepare("COMMIT").run()),
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`
  })
  const run: Sqlite["Service"]["run"] = (block) => {
    const now = attempt("run", () => block(prepare))
    return Effect.flatMap(Effect.serviceOption(client.transactionService), (transaction) =>
      Option.isSome(transaction) ? now : acquirers.borrower(() => now)
    )
  }
  return Context.make(SqlClient.SqlClient, client).pipe(Context.add(Sqlite, { run }))
})

const open = ({ filename, synchronous = "FULL" }: Options) =>
  Effect.acquireRelease(
    attempt("open", () => {
      const database = new DatabaseSync(filename, { timeout: 5000 })
      try {
        const journal = database.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"]
        if (journal !== "wal" && database.location() !== null) {
          throw Object.assign(new Error("A write-ahead log is not possible here"), { errcode: 14 })
        }
        // Pages that were read are kept in 8 MB of memory.
        database.exec(
          `PRAGMA synchronous = ${synchronous}; PRAGMA secure_delete = ON; PRAGMA cache_size = -8000; PRAGMA busy_timeout = 3`
        )
        return database
      } catch (cause) {
        database.close()
        throw cause
      }
    }),
    (database) => Effect.sync(() => database.close())
  )

type Prepare = (sql: string, flags?: { readonly bigints?: boolean; readonly arrays?: boolean }) => StatementSync

interface Compiled {
  readonly statement: StatementSync
  bigints: boolean
  arrays: boolean
}

/** Keeps the statements that were used last, 128 to 256: those of two generations, of which the older one is forgotten. */
const makeCache = (database: DatabaseSync): Prepare => {
  let [recent, older] = [new Map<string, Compiled>(), new Map<string, Compiled>()]
  const keep = (sql: string): Compiled => {
    const entry = older.get(sql) ?? { statement: compile(database, sql), bigints: false, arrays: false }
    if (recent.size === 128) [recent, older] = [new Map(), recent]
    recent.set(sql, entry)
    return entry
  }
  return (sql, { bigints = false, arrays = false } = {}) => {
    const entry = recent.get(sql) ?? keep(sql)
    // The flags belong to the statement, so those of its last use are still set.
    if (entry.bigints !== bigints) entry.statement.setReadBigInts((entry.bigints = bigints))
    if (entry.arrays !== arrays) entry.statement.setReturnArrays((entry.arrays = arrays))
    return entry.statement
  }
}

const compile = (database: DatabaseSync, sql: string): StatementSync => {
  const statement = database.prepare(sql)
  // SQLite compiles the first statement and drops the rest without a word.
  if (sql.slice(statement.sourceSQL.length).trim() !== "") throw new Error("More than one statement")
  return statement
}

/** Rows leave as SQLite names them: this client has no transformation to apply. */
const makeConnection = (database: DatabaseSync, prepare: Prepare): SqlConnection.Connection => {
  const query = <A>(use: (bigints: boolean) => A) =>
    Effect.withFiber<A, SqlError.SqlError>((fiber) => {
      const bigints = fiber.getRef(SqlClient.SafeIntegers)
      return attempt("execute", () => use(bigints))
    })

  const execute: SqlConnection.Connection["execute"] = (sql, params) =>
    query((bigints) => prepare(sql, { bigints }).all(...bind(params)))

  const executeValues: SqlConnection.Connection["executeValues"] = (sql, params) =>
    query((bigints) => {
      const rows: ReadonlyArray<unknown> = prepare(sql, { bigints, arrays: true }).all(...bind(params))
      return rows as ReadonlyArray<ReadonlyArray<unknown>>
    })

  return {
    execute,
    executeValues,
    executeUnprepared: execute,
    executeValuesUnprepared: executeValues,
    executeRaw: (sql, params) =>
      query((bigints) => {
        const statement = prepare(sql, { bigints })
        return statement.columns().length > 0 ? statement.all(...bind(params)) : statement.run(...bind(params))
      }),
    executeStream: (sql, params) =>
      Effect.acquireRelease(
        query((bigints) => {
          // Not from the cache: the same text may run again while this one is half read.
          const statement = compile(database, sql)
          statement.setReadBigInts(bigints)
          return statement.iterate(...bind(params))
        }),
        (rows) => Effect.sync(() => rows.return?.())
      ).pipe(
        Effect.map((rows) => Stream.fromPull(Effect.succeed(pull(rows)))),
        Stream.unwrap
      )
  }
}

/** The next rows, at most 256. */
const pull = <A>(rows: Iterator<A>) =>
  attempt("stream", () => {
    const chunk: Array<A> = []
    for (let row = rows.next(); !row.done; row = rows.next()) {
      if (chunk.push(row.value) === 256) break
    }
    return chunk
  }).pipe(Effect.filterOrElse(Arr.isArrayNonEmpty, () => Cause.done()))

/** The empty object first: otherwise `node:sqlite` takes an object in its place for named parameters and binds NULL. */
const bind = (params: ReadonlyArray<unknown>): [Record<string, never>, ...Array<SQLInputValue>] =>
  // `node:sqlite` checks every value it binds.
  [{}, ...(params as ReadonlyArray<SQLInputValue>)]

const attempt = <A>(operation: string, block: () => A): Effect.Effect<A, SqlError.SqlError> =>
  Effect.try({
    try: block,
    catch: (cause) => new SqlError.SqlError({ reason: reasonOf(cause, operation) })
  })

const reasonOf = (cause: unknown, operation: string): SqlError.SqlErrorReason => {
  const options = { operation, message: `SQLite could not ${operation}` }
  if (!Predicate.hasProperty(cause, "errcode")) return SqlError.classifySqliteError(cause, options)
  // The classifier reads `errno` and takes only 2067 for a unique violation, not 1555 (primary key) and 2579 (row id).
  const errno = cause.errcode === 1555 || cause.errcode === 2579 ? 2067 : cause.errcode
  return SqlError.classifySqliteError(Object.assign(cause, { errno }), options)
}

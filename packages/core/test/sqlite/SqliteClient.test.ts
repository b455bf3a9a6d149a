import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Schedule, Stream } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SqliteClient from "../../src/sqlite/SqliteClient.ts"

/** A directory that is gone after the test, and the path of a database in it. */
const temporaryFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "sqlite-client-"))),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
  ),
  (directory) => join(directory, "test.db")
)

const open = (options: SqliteClient.Options) =>
  Effect.map(Layer.build(SqliteClient.layer(options)), (context) => ({
    sql: Context.get(context, SqlClient.SqlClient),
    sqlite: Context.get(context, SqliteClient.Sqlite)
  }))

/** A fresh database file with a table `item`. */
const openItems = Effect.gen(function* () {
  const filename = yield* temporaryFile
  const connection = yield* open({ filename })
  yield* connection.sql`CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)`
  return { ...connection, filename }
})

const reasonOf = <A, R>(effect: Effect.Effect<A, SqlError.SqlError, R>) =>
  Effect.map(Effect.flip(effect), (error) => error.reason)

const plain = (rows: ReadonlyArray<object>) => rows.map((row) => ({ ...row }))

describe("opening", () => {
  it.effect("keeps the promised settings", () =>
    Effect.gen(function* () {
      const { sql } = yield* open({ filename: yield* temporaryFile })
      const pragma = (name: string) => Effect.map(sql.unsafe(`PRAGMA ${name}`).values, ([row]) => row?.[0])

      assert.strictEqual(yield* pragma("journal_mode"), "wal")
      assert.strictEqual(yield* pragma("synchronous"), 2)
      assert.strictEqual(yield* pragma("secure_delete"), 1)
      assert.strictEqual(yield* pragma("foreign_keys"), 1)
      assert.isAtMost(Number(yield* pragma("busy_timeout")), 25)
    })
  )

  it.effect("syncs less only when told to", () =>
    Effect.gen(function* () {
      const { sql } = yield* open({ filename: yield* temporaryFile, synchronous: "NORMAL" })
      assert.deepStrictEqual(yield* sql`PRAGMA synchronous`.values, [[1]])
    })
  )

  it.effect("works in memory", () =>
    Effect.gen(function* () {
      const { sql } = yield* open({ filename: ":memory:" })
      assert.deepStrictEqual(yield* sql`SELECT 1`.values, [[1]])
    })
  )

  it.effect("fails with a ConnectionError when the directory does not exist", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFile, "missing", "test.db")
      const reason = yield* reasonOf(open({ filename }))
      assert.strictEqual(reason._tag, "ConnectionError")
      assert.strictEqual(reason.message, "SQLite could not open")
    })
  )

  it.effect("fails on a file that is not a database", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      writeFileSync(filename, "This is not a database. ".repeat(100))
      const reason = yield* reasonOf(open({ filename }))
      assert.strictEqual(reason._tag, "UnknownError")
    })
  )

  it.effect("refuses a file that cannot have a write-ahead log", () =>
    Effect.gen(function* () {
      // This way of locking has no shared memory, as on some network file systems.
      const filename = `file:${yield* temporaryFile}?vfs=unix-dotfile`
      const reason = yield* reasonOf(open({ filename }))
      assert.strictEqual(reason._tag, "ConnectionError")
    })
  )
})

describe("closing", () => {
  it.effect("leaves one file with everything in it", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { sql } = yield* open({ filename })
          yield* sql`CREATE TABLE item (id INTEGER PRIMARY KEY)`
          yield* sql`INSERT INTO item VALUES (7)`
          assert.isTrue(existsSync(`${filename}-wal`))
        })
      )
      assert.isFalse(existsSync(`${filename}-wal`))
      assert.isFalse(existsSync(`${filename}-shm`))

      const { sql } = yield* open({ filename })
      assert.deepStrictEqual(yield* sql`SELECT id FROM item`.values, [[7]])
    })
  )

  it.effect("turns later use into a SqlError", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const { sql } = yield* Effect.scoped(open({ filename }))
      assert.strictEqual((yield* reasonOf(sql`SELECT 1`))._tag, "UnknownError")
      assert.strictEqual((yield* reasonOf(sql.withTransaction(Effect.void)))._tag, "UnknownError")
    })
  )
})

describe("transactions", () => {
  it.effect("take the write lock when they begin, not when they first write", () =>
    Effect.gen(function* () {
      const { filename, sql } = yield* openItems
      const other = yield* open({ filename })
      const reason = yield* sql.withTransaction(reasonOf(other.sql`INSERT INTO item VALUES (1, 'late')`))
      assert.strictEqual(reason._tag, "LockTimeoutError")
    })
  )

  it.effect("roll back on failure", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      const exit = yield* sql`INSERT INTO item VALUES (1, 'gone')`.pipe(
        Effect.andThen(Effect.fail("no")),
        sql.withTransaction,
        Effect.exit
      )
      assert.deepStrictEqual(exit, Exit.fail("no"))
      assert.deepStrictEqual(yield* sql`SELECT * FROM item`, [])
    })
  )

  it.effect("roll back on interruption and free the connection", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      const inserted = yield* Deferred.make<void>()
      const fiber = yield* sql`INSERT INTO item VALUES (1, 'gone')`.pipe(
        Effect.andThen(Deferred.succeed(inserted, undefined)),
        Effect.andThen(Effect.never),
        sql.withTransaction,
        Effect.forkChild
      )
      yield* Deferred.await(inserted)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* sql`SELECT * FROM item`, [])
      yield* sql.withTransaction(sql`INSERT INTO item VALUES (2, 'kept')`)
      assert.deepStrictEqual(yield* sql`SELECT id FROM item`.values, [[2]])
    })
  )

  it.effect("undo a nested one alone", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`INSERT INTO item VALUES (1, 'outer')`
          yield* sql`INSERT INTO item VALUES (2, 'inner')`.pipe(
            Effect.andThen(Effect.fail("no")),
            sql.withTransaction,
            Effect.ignore
          )
          yield* sql.withTransaction(sql`INSERT INTO item VALUES (3, 'inner')`)
        })
      )
      assert.deepStrictEqual(yield* sql`SELECT id FROM item`.values, [[1], [3]])
    })
  )

  it.effect("hide their rows from other fibers until they commit", () =>
    Effect.gen(function* () {
      const { sql, sqlite } = yield* openItems
      const inserted = yield* Deferred.make<void>()
      const commit = yield* Deferred.make<void>()
      const order: Array<string> = []
      const writer = yield* sql`INSERT INTO item VALUES (1, 'one')`.pipe(
        Effect.andThen(Deferred.succeed(inserted, undefined)),
        Effect.andThen(Deferred.await(commit)),
        Effect.andThen(Effect.sync(() => order.push("committing"))),
        sql.withTransaction,
        Effect.forkChild
      )
      yield* Deferred.await(inserted)
      const query = "SELECT count(*) AS n FROM item"
      const reads: ReadonlyArray<Effect.Effect<ReadonlyArray<object>, SqlError.SqlError>> = [
        sql.unsafe<object>(query),
        sqlite.run((prepare) => prepare(query).all())
      ]
      const readers = yield* Effect.forEach(
        reads,
        (read) => Effect.tap(read, () => Effect.sync(() => order.push("read"))),
        { concurrency: "unbounded" }
      ).pipe(Effect.forkChild({ startImmediately: true }))
      yield* Deferred.succeed(commit, undefined)
      yield* Fiber.join(writer)
      assert.deepStrictEqual((yield* Fiber.join(readers)).map(plain), [[{ n: 1 }], [{ n: 1 }]])
      assert.deepStrictEqual(order, ["committing", "read", "read"])
    })
  )
})

describe("a database that another connection is writing to", () => {
  it.live("is a retryable error at once, readable all the time, and writable when the other is done", () =>
    Effect.gen(function* () {
      const { filename, sql } = yield* openItems
      const other = yield* open({ filename })
      const began = yield* Deferred.make<void>()
      const refused = yield* Deferred.make<SqlError.SqlError>()
      const holder = yield* Deferred.succeed(began, undefined).pipe(
        // The transaction ends because this same event loop went on while the other connection was refused.
        Effect.andThen(Deferred.await(refused)),
        Effect.tap(sql`INSERT INTO item VALUES (1, 'first')`),
        sql.withTransaction,
        Effect.forkChild
      )
      yield* Deferred.await(began)
      assert.deepStrictEqual(yield* other.sql`SELECT * FROM item`, [])

      yield* other.sql.withTransaction(other.sql`INSERT INTO item VALUES (2, 'second')`).pipe(
        Effect.tapError((error) => Deferred.succeed(refused, error)),
        Effect.retry({ while: (error) => error.isRetryable, schedule: Schedule.spaced("1 millis") })
      )
      const error = yield* Fiber.join(holder)
      assert.strictEqual(error.reason._tag, "LockTimeoutError")
      assert.isFalse(SqliteClient.isInDoubt(error))
      assert.deepStrictEqual(yield* sql`SELECT id FROM item`.values, [[1], [2]])
    })
  )
})

describe("a COMMIT that fails", () => {
  it.effect("can be told apart, and leaves the connection clean", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      yield* sql`CREATE TABLE part (item INTEGER REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)`
      // A violated deferred foreign key is found by COMMIT, which then leaves the transaction open.
      const error = yield* Effect.flip(sql.withTransaction(sql`INSERT INTO part VALUES (99)`))
      assert.isTrue(SqliteClient.isInDoubt(error))
      assert.strictEqual(error.reason._tag, "ConstraintError")

      assert.deepStrictEqual(yield* sql`SELECT * FROM part`, [])
      yield* sql.withTransaction(sql`INSERT INTO item VALUES (1, 'kept')`)
      assert.deepStrictEqual(yield* sql`SELECT id FROM item`.values, [[1]])
    })
  )

  it.effect("is not confused with a statement that fails", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      const error = yield* Effect.flip(sql.withTransaction(sql`INSERT INTO nowhere VALUES (1)`))
      assert.isFalse(SqliteClient.isInDoubt(error))
    })
  )
})

describe("errors", () => {
  it.effect("name the columns of a violated key", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      yield* sql`CREATE TABLE named (org TEXT, id TEXT, name TEXT UNIQUE, PRIMARY KEY (org, id)) WITHOUT ROWID`
      yield* sql`INSERT INTO named VALUES ('o', '1', 'a')`
      yield* sql`INSERT INTO item VALUES (1, 'a')`

      const violated = (insert: Effect.Effect<unknown, SqlError.SqlError>) =>
        Effect.map(reasonOf(insert), (reason) => (reason._tag === "UniqueViolation" ? reason.constraint : reason._tag))
      assert.strictEqual(yield* violated(sql`INSERT INTO named VALUES ('o', '1', 'b')`), "named.org, named.id")
      assert.strictEqual(yield* violated(sql`INSERT INTO named VALUES ('o', '2', 'a')`), "named.name")
      assert.strictEqual(yield* violated(sql`INSERT INTO item VALUES (1, 'b')`), "item.id")
      yield* sql`CREATE TABLE keyless (name TEXT)`
      yield* sql`INSERT INTO keyless (rowid) VALUES (1)`
      assert.strictEqual(yield* violated(sql`INSERT INTO keyless (rowid) VALUES (1)`), "keyless.rowid")
    })
  )

  it.effect("tell other constraints from unique ones", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      yield* sql`CREATE TABLE checked (n INTEGER NOT NULL CHECK (n > 0))`
      assert.strictEqual((yield* reasonOf(sql`INSERT INTO checked VALUES (0)`))._tag, "ConstraintError")
      assert.strictEqual((yield* reasonOf(sql`INSERT INTO checked VALUES (NULL)`))._tag, "ConstraintError")
    })
  )

  it.effect("refuse a second statement in one text instead of dropping it", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      assert.strictEqual((yield* reasonOf(sql`DELETE FROM item; DELETE FROM item`))._tag, "UnknownError")
      yield* sql`DELETE FROM item; `
    })
  )

  it.effect.each([{}, { name: "x" }, new Date(0), undefined])("refuse %s as a value, wherever it stands", (value) =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      assert.strictEqual((yield* reasonOf(sql`INSERT INTO item (name) VALUES (${value})`))._tag, "UnknownError")
      assert.deepStrictEqual(yield* sql`SELECT * FROM item`, [])
    })
  )
})

describe("values", () => {
  it.effect.each(["", "Ærøskøbing 東京 👩‍👩‍👧", "a\u0000b", "' ; --", null, -1, 0.1, Number.MAX_SAFE_INTEGER])(
    "come back as they went in: %j",
    (value) =>
      Effect.gen(function* () {
        const { sql } = yield* open({ filename: ":memory:" })
        assert.deepStrictEqual(yield* sql`SELECT ${value}`.values, [[value]])
      })
  )

  it.effect("come back as they went in: bytes", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      const bytes = Uint8Array.from({ length: 256 }, (_, n) => n)
      yield* sql`INSERT INTO item ${sql.insert({ id: 1, name: bytes })}`
      assert.deepStrictEqual(yield* sql`SELECT name FROM item`.values, [[bytes]])
    })
  )

  it.effect("are bigints under SafeIntegers, and an error where a number would be another", () =>
    Effect.gen(function* () {
      const { sql } = yield* open({ filename: ":memory:" })
      const most = 2n ** 63n - 1n
      const query = sql`SELECT ${most} AS most, ${-most - 1n} AS least, 1 AS one`
      const safe = Effect.provideService(query, SqlClient.SafeIntegers, true)

      assert.deepStrictEqual(plain(yield* safe), [{ most, least: -most - 1n, one: 1n }])
      assert.strictEqual((yield* reasonOf(query))._tag, "UnknownError")
      assert.deepStrictEqual(plain(yield* safe), [{ most, least: -most - 1n, one: 1n }])
      assert.deepStrictEqual(yield* sql`SELECT 1`.values, [[1]])
    })
  )

  it.effect("come as objects, arrays or the driver's own result", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      assert.deepStrictEqual(yield* sql`INSERT INTO item VALUES (1, 'a')`.raw, { changes: 1, lastInsertRowid: 1 })
      const query = sql<{ id: number; name: string }>`SELECT * FROM item`
      assert.deepStrictEqual(plain(yield* query), [{ id: 1, name: "a" }])
      assert.deepStrictEqual(yield* query.values, [[1, "a"]])
      assert.deepStrictEqual(plain(yield* query), [{ id: 1, name: "a" }])
      assert.deepStrictEqual(plain(yield* sql`UPDATE item SET name = 'b' RETURNING name`), [{ name: "b" }])
    })
  )
})

describe("streams", () => {
  const numbers = (sql: SqlClient.SqlClient, last: number) =>
    sql<{
      n: number
    }>`WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${last}) SELECT n FROM c`

  it.effect("read row after row, in order", () =>
    Effect.gen(function* () {
      const { sql } = yield* open({ filename: ":memory:" })
      const rows = yield* Stream.runCollect(numbers(sql, 1000).stream)
      assert.deepStrictEqual(
        rows.map((row) => row.n),
        Array.from({ length: 1000 }, (_, i) => i + 1)
      )
    })
  )

  it.effect("let go of the table and the connection when no more is wanted", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      yield* sql`INSERT INTO item (name) ${numbers(sql, 1000)}`
      const rows = yield* sql`SELECT id FROM item`.stream.pipe(Stream.take(3), Stream.runCollect)
      assert.deepStrictEqual(plain(rows), [{ id: 1 }, { id: 2 }, { id: 3 }])
      yield* sql.withTransaction(sql`DROP TABLE item`)
    })
  )

  it.effect("are not disturbed by the same statement run meanwhile", () =>
    Effect.gen(function* () {
      const { sql } = yield* open({ filename: ":memory:" })
      const counts = yield* numbers(sql, 300).stream.pipe(
        Stream.mapEffect(() => Effect.map(numbers(sql, 300), (rows) => rows.length)),
        Stream.runCollect,
        sql.withTransaction
      )
      assert.deepStrictEqual(
        counts,
        Array.from({ length: 300 }, () => 300)
      )
    })
  )

  it.effect("fail with the error of the row they reached", () =>
    Effect.gen(function* () {
      const { sql } = yield* openItems
      yield* sql`INSERT INTO item VALUES (1, '1'), (2, 'not json')`
      const reason = yield* reasonOf(Stream.runDrain(sql`SELECT json_extract(name, '$') FROM item`.stream))
      assert.strictEqual(reason.operation, "stream")
    })
  )
})

describe("Sqlite", () => {
  it.effect("runs a block as a part of the open transaction, which what it throws undoes", () =>
    Effect.gen(function* () {
      const { sql, sqlite } = yield* openItems
      const insert = (...ids: ReadonlyArray<number>) =>
        sqlite.run((prepare) =>
          ids.map((id) => prepare("INSERT INTO item VALUES (?, 'x') RETURNING id").get(id)?.["id"])
        )

      assert.deepStrictEqual(yield* sql.withTransaction(insert(1, 2, 3)), [1, 2, 3])
      const reason = yield* reasonOf(sql.withTransaction(Effect.andThen(insert(4), insert(5, 1))))
      assert.strictEqual(reason._tag, "UniqueViolation")
      assert.deepStrictEqual(yield* sql`SELECT id FROM item`.values, [[1], [2], [3]])
    })
  )

  it.effect("remembers the statements used last", () =>
    Effect.gen(function* () {
      const { sqlite } = yield* open({ filename: ":memory:" })
      yield* sqlite.run((prepare) => {
        const kept = prepare("SELECT 'kept'")
        const forgotten = prepare("SELECT 'forgotten'")
        for (let n = 0; n < 1000; n++) {
          prepare(`SELECT ${n}`)
          assert.strictEqual(prepare("SELECT 'kept'"), kept)
        }
        assert.notStrictEqual(prepare("SELECT 'forgotten'"), forgotten)
      })
    })
  )

  it.effect("hands out statements as if nobody else had used them", () =>
    Effect.gen(function* () {
      const { sql, sqlite } = yield* open({ filename: ":memory:" })
      const query = "SELECT 1 AS n"
      yield* Effect.provideService(sql.unsafe(query).values, SqlClient.SafeIntegers, true)
      assert.deepStrictEqual(plain(yield* sqlite.run((prepare) => prepare(query).all())), [{ n: 1 }])
    })
  )
})

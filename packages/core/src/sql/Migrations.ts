/**
 * Migrations: the tables, and how a database is brought up to them. Several processes may start at the same moment; each
 * migration runs once.
 *
 * The SQL is that of SQLite and PostgreSQL alike, and of what shards them: TEXT and INTEGER columns only, the organization and
 * the environment first in every key, no foreign keys, no sequences; ids and times are made by the application. What must
 * sort, sorts by bytes: SQLite does so by itself, PostgreSQL wants its text columns `COLLATE "C"`. Rows that are small and read
 * by their key alone SQLite keeps in the key's own tree (`WITHOUT ROWID`); PostgreSQL knows no such tables. PostgreSQL writes each
 * version of a row anew, and leaves room for the next in the pages of sessions (`fillfactor`): one that has no room goes to another
 * page, and into every index again. A migration that was released is never edited: add another.
 *
 * Exempt from the tenant are the organizations, and one look-up: an API key by its id, which is how a tenant is found. So the
 * primary key of `api_keys` begins with the tenant like all others, and a unique index on the id beside it makes sure that an
 * id never leads to two tenants. Both tables are small, and in a sharded database they are copied to every node.
 */
import { Effect } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql"

/**
 * What is true of every session and every record, and said by the statements that look for many of them. The indexes that serve
 * those ask for it: otherwise the planner of a database that knows nothing of its tables yet takes them to find one row by its key,
 * and reads all that the tenant has.
 */
export const isListed = "created_at <> ''"
export const isByExpiry = "run <> ''"

/** Tables whose every statement binds organization and environment. */
export const tenantTables: ReadonlyArray<string> = ["api_keys", "sessions", "idempotency_records", "history"]

/** Each migration by number and name: statements to run in their order. */
const migrations: Record<string, ReadonlyArray<string>> = {
  "1_sessions": [
    `CREATE TABLE organizations (
      slug TEXT NOT NULL,
      live TEXT NOT NULL,
      sandbox TEXT NOT NULL,
      created_at TEXT NOT NULL,
      PRIMARY KEY (slug)
    )`,

    `CREATE TABLE api_keys (
      organization TEXT NOT NULL,
      environment TEXT NOT NULL,
      id TEXT NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (organization, environment, id)
    )`,
    "CREATE UNIQUE INDEX api_keys_by_id ON api_keys (id)",

    // `data` is the session; the columns before it are for guards and lists, but for `head`, its newest entry in the history, and
    // `records_until`, when the last of its records expires.
    `CREATE TABLE sessions (
      organization TEXT NOT NULL,
      environment TEXT NOT NULL,
      id TEXT NOT NULL,
      revision INTEGER NOT NULL,
      status TEXT NOT NULL,
      external_ref TEXT,
      tags TEXT NOT NULL,
      created_at TEXT NOT NULL,
      token_expires_at TEXT,
      head TEXT NOT NULL,
      records_until TEXT,
      data TEXT NOT NULL,
      PRIMARY KEY (organization, environment, id)
    ) WITH (fillfactor = 70)`,
    `CREATE INDEX sessions_by_status ON sessions (organization, environment, status, id) WHERE ${isListed}`,
    `CREATE INDEX sessions_by_external_ref ON sessions (organization, environment, external_ref, id)
      WHERE external_ref IS NOT NULL`,
    `CREATE INDEX sessions_by_token_expiry ON sessions (organization, environment, token_expires_at)
      WHERE status IN ('pending', 'capturing')`,

    // Without `format`, `key_version`, `fingerprint` and `outcome` a record is a tombstone.
    `CREATE TABLE idempotency_records (
      organization TEXT NOT NULL,
      environment TEXT NOT NULL,
      key TEXT NOT NULL,
      operation TEXT NOT NULL,
      session TEXT NOT NULL,
      run TEXT NOT NULL,
      format INTEGER,
      key_version TEXT,
      fingerprint TEXT,
      outcome TEXT,
      created_at TEXT NOT NULL,
      expires_at TEXT NOT NULL,
      PRIMARY KEY (organization, environment, key)
    )`,
    `CREATE INDEX idempotency_records_by_expiry ON idempotency_records (organization, environment, expires_at)
      WHERE ${isByExpiry}`,

    // What happened, in the order of its ids, which is about that of time: so it is written at one place, and a session has no place of
    // its own. Its entries are found one from the other, from its `head` back by `previous`. The columns up to `at` are an event, those
    // from `audit_id` on an audit entry, and most entries are both. One about no session has an empty one. `record_expires_at` is
    // when the record of the same change expires, and by that the records of a session are found; `earlier_until` is when the last
    // record of the entries before it does, and by that the search ends.
    `CREATE TABLE history (
      organization TEXT NOT NULL,
      environment TEXT NOT NULL,
      id TEXT NOT NULL,
      session TEXT NOT NULL,
      previous TEXT,
      earlier_until TEXT,
      type TEXT,
      revision INTEGER,
      changed TEXT,
      at TEXT,
      audit_id TEXT,
      noted_at TEXT,
      action TEXT,
      api_key TEXT,
      request_id TEXT,
      address TEXT,
      record_expires_at TEXT,
      PRIMARY KEY (organization, environment, id)
    ) WITHOUT ROWID`,
    "CREATE INDEX history_of_no_session ON history (organization, environment, id) WHERE session = ''"
  ]
}

const run = Effect.fnUntraced(function* (statements: ReadonlyArray<string>) {
  const sql = yield* SqlClient.SqlClient
  const inDialect = sql.onDialectOrElse({
    pg: () => (statement: string) =>
      statement.replaceAll(/ TEXT\b/g, ' TEXT COLLATE "C"').replace(" WITHOUT ROWID", ""),
    orElse: () => (statement: string) => statement.replace(/ WITH \(.*\)$/, "")
  })
  yield* Effect.forEach(statements, (statement) => sql.unsafe(inDialect(statement)).unprepared, { discard: true })
})

/** Whether nothing is to be done. Asked first, because the lock would wait for whoever reads the table, such as a backup. */
const isUpToDate = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const done = yield* sql<{ readonly migration_id: number }>`SELECT migration_id FROM holdfast_migrations`
  return done.length >= Object.keys(migrations).length
})

const bringUpToDate = Effect.asVoid(
  Migrator.make({})({
    loader: Migrator.fromRecord(
      Object.fromEntries(Object.entries(migrations).map(([name, statements]) => [name, run(statements)]))
    ),
    table: "holdfast_migrations"
  })
)

/**
 * Brings the database up to date, in one transaction. Does nothing to one that is.
 *
 * Of several processes that start at once one does it and the others wait: on SQLite for the file, on PostgreSQL for a lock on
 * the table of migrations. That lock ends with its transaction, whatever becomes of the process, and so it holds behind a pooler
 * as well; an advisory lock belongs to a session, which a pooler lends to somebody else, and a sharded database has none.
 */
export const migrate: Effect.Effect<void, SqlError.SqlError | Migrator.MigrationError, SqlClient.SqlClient> =
  Effect.flatMap(
    Effect.orElseSucceed(isUpToDate, () => false),
    (done) => (done ? Effect.void : bringUpToDate)
  )

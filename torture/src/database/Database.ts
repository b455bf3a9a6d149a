/** The database under the servers, as the torture sees it: an address for them, and ways to look at it and to get in the way. */
import type { FinalState } from "@holdfast/testing"
import type { Postgres } from "@holdfast/tool-postgres"
import { Effect, Schema } from "effect"
import type { Scope } from "effect"

/** The databases that can be tortured. */
export const engines = ["sqlite", "postgres"] as const

/** A kind of database. */
export type Engine = (typeof engines)[number]

interface Common {
  /** `DATABASE_URL` of the servers. */
  readonly url: string
  /** Reads the tables. */
  readonly read: Effect.Effect<FinalState>
  /** What the database itself finds wrong with its files; `null` if nothing. */
  readonly damage: Effect.Effect<string | null>
  /** Keeps everybody from writing, as long as the scope lives. */
  readonly hold: Effect.Effect<void, never, Scope.Scope>
}

/** A SQLite file. */
export interface SqliteDatabase extends Common {
  readonly engine: "sqlite"
  /** The database file and its log. */
  readonly files: readonly [main: string, log: string]
  /** What is shared by processes that use it, and gone after a power cut. */
  readonly sharedMemory: string
}

/** A PostgreSQL server. */
export interface PostgresDatabase extends Common {
  readonly engine: "postgres"
  readonly server: Postgres
}

/** A database. */
export type Database = SqliteDatabase | PostgresDatabase

const owner = { organization: Schema.String, environment: Schema.String }

const sessionsOf = Schema.decodeUnknownSync(
  Schema.Array(
    Schema.Struct({
      ...owner,
      data: Schema.fromJsonString(
        Schema.Struct({
          id: Schema.String,
          revision: Schema.Int,
          retentionStatus: Schema.Literals(["active", "redacted"]),
          externalRef: Schema.NullOr(Schema.String),
          metadata: Schema.JsonObject
        })
      )
    })
  )
)

const eventsOf = Schema.decodeUnknownSync(
  Schema.Array(
    Schema.Struct({ ...owner, id: Schema.String, session: Schema.String, revision: Schema.Int, type: Schema.String })
  )
)

const recordsOf = Schema.decodeUnknownSync(
  Schema.Array(
    Schema.Struct({
      ...owner,
      key: Schema.String,
      session: Schema.String,
      run: Schema.String,
      // SQLite has no truth but 1 and 0.
      erased: Schema.Union([Schema.Boolean, Schema.BooleanFromBit])
    })
  )
)

/** Reads the tables by whatever runs a query. */
export const readTables = Effect.fnUntraced(function* (
  query: (sql: string) => Effect.Effect<unknown>
): Effect.fn.Return<FinalState> {
  const sessions = sessionsOf(yield* query("SELECT organization, environment, data FROM sessions"))
  const events = yield* query(
    "SELECT organization, environment, id, session, revision, type FROM history WHERE type IS NOT NULL"
  )
  const records = yield* query(
    "SELECT organization, environment, key, session, run, outcome IS NULL AS erased FROM idempotency_records"
  )
  return {
    sessions: sessions.map(({ data, environment, organization }) => Object.assign({ organization, environment }, data)),
    events: eventsOf(events),
    records: recordsOf(records)
  }
})

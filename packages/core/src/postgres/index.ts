/**
 * `@holdfast/core/postgres`: the stores in PostgreSQL, over `@effect/sql-pg`, for as many processes as there are.
 *
 * It keeps its promises at any isolation level that the database has as its default. Behind a pooler set `pooler`.
 */
import { PgClient } from "@effect/sql-pg"
import { Clock, Context, Duration, Effect, Layer, Redacted, Schedule } from "effect"
import { Migrator, SqlClient, SqlError } from "effect/sql"
import { migrate } from "../sql/Migrations.ts"
import { ApiKeyStore } from "../store/ApiKeyStore.ts"
import { SessionStore } from "../store/SessionStore.ts"
import { StoreUnopened } from "../store/StoreUnopened.ts"
import { machineClock, makeAccess } from "./Access.ts"
import { isPassing } from "./Failure.ts"
import { makeApiKeyStore } from "./PostgresApiKeyStore.ts"
import { makeSessionStore } from "./PostgresSessionStore.ts"

/** Where the database is, and how it is used. */
export interface PostgresOptions {
  /**
   * `postgres://user:password@host:5432/database`, in the form of libpq. `sslmode=require` asks for TLS, and the server's
   * certificate is verified. What is not a letter or a digit in the password is percent-encoded.
   */
  readonly url: Redacted.Redacted
  /** Connections for reads, which share them: 1 or more, 4 unless said otherwise. */
  readonly readConnections?: number
  /**
   * Connections for commits: 1 or more, 4 unless said otherwise. Half of them have a batch under way; the others are for redactions
   * and for sessions that are held.
   */
  readonly commitConnections?: number
  /** How long a connection may take to be made: 2 seconds unless said otherwise. No call waits longer than 5 seconds in all. */
  readonly connectTimeout?: Duration.Input
  /**
   * After this the server ends a statement by itself: 4 seconds unless said otherwise. Keep it below 5 seconds, when a call is
   * given up from this side, because then it is not known whether a commit took place.
   */
  readonly statementTimeout?: Duration.Input
  /**
   * The connections come from a pooler that lends them for a transaction, such as PgBouncer. Nothing is prepared on them then, and
   * no time-outs are set: give those to the role (`ALTER ROLE … SET statement_timeout = '4s'`, and the same for `lock_timeout`
   * and `idle_in_transaction_session_timeout`). A pooler that lends connections for a single statement cannot be used.
   */
  readonly pooler?: boolean
}

/** How long a server that does not answer, or is just being started, is waited for. */
const maxWait = Duration.seconds(10)

/**
 * Both stores in a database, which has to exist and is brought up to date. A server that is not there yet is waited for, up to ten
 * seconds. Afterwards calls fail while the server is away, and go on when it is back.
 *
 * Each call is a layer of its own, with its own connections: keep the value and provide it once.
 *
 * @example
 * const Stores = layerPostgres({ url: Redacted.make("postgres://holdfast:secret@localhost/holdfast") })
 */
export const layerPostgres = (options: PostgresOptions): Layer.Layer<SessionStore | ApiKeyStore, StoreUnopened> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const server = yield* serverOf(options.url)
      const settings = settingsOf(options)
      const access = yield* bringUpToDate(settings.reads).pipe(
        Effect.andThen(makeAccess(settings)),
        Effect.mapError((cause) => new StoreUnopened({ database: server, cause }))
      )
      // Fewer batches are larger ones, and cost both sides less.
      const lanes = Math.ceil(settings.commits.maxConnections / 2)
      return Context.make(SessionStore, yield* makeSessionStore(access, lanes)).pipe(
        Context.add(ApiKeyStore, makeApiKeyStore(access))
      )
    })
  )

/** Host and port. What is wrong with an URL is not quoted, because it may be the password. */
const serverOf = (url: Redacted.Redacted): Effect.Effect<string, StoreUnopened> => {
  const parsed = URL.parse(Redacted.value(url))
  const wrong =
    parsed === null || !["postgres:", "postgresql:"].includes(parsed.protocol)
      ? "it is not written as postgres://user:password@host/database"
      : `${parsed.pathname}${parsed.search}${parsed.hash}`.includes("@") || parsed.hash !== ""
        ? "the password has characters that must be percent-encoded"
        : null
  return parsed === null || wrong !== null
    ? Effect.fail(new StoreUnopened({ database: "of the given URL", cause: new Error(wrong ?? "") }))
    : Effect.succeed(parsed.host)
}

const settingsOf = ({
  commitConnections = 4,
  connectTimeout = "2 seconds",
  pooler = false,
  readConnections = 4,
  statementTimeout = "4 seconds",
  url
}: PostgresOptions) => {
  const all = { url, connectTimeout, applicationName: "holdfast", keepAlive: "10 seconds", prepare: !pooler } as const
  const limits = {
    statement_timeout: String(Duration.toMillis(statementTimeout)),
    lock_timeout: "2000",
    // A process that is frozen in the middle of a transaction holds a session no longer than this.
    idle_in_transaction_session_timeout: "5000",
    // Where the planner errs, compiling one of our statements takes longer than running it.
    jit: "off",
    // A plan is kept as long as its connection. It must be good for tables of any size, and not for the empty ones that it may
    // have been made upon.
    enable_seqscan: "off"
  }
  // The statement of a commit is planned once for a connection, which halves the work of a lone one.
  const lasting = { plan_cache_mode: "force_generic_plan" }
  return {
    reads: { ...all, maxConnections: readConnections, startupParameters: pooler ? {} : limits },
    commits: { ...all, maxConnections: commitConnections, startupParameters: pooler ? {} : { ...limits, ...lasting } }
  }
}

/** On a connection of its own, without time-outs: another process's migration may take a while. */
const bringUpToDate = Effect.fnUntraced(function* (settings: PgClient.PgClientConfig) {
  const start = machineClock.currentTimeMillisUnsafe()
  const once = PgClient.layer({ ...settings, startupParameters: {}, multiplex: false })
  yield* Effect.provide(migrate, Layer.fresh(once)).pipe(
    Effect.retry({
      while: (error) => passes(error) && machineClock.currentTimeMillisUnsafe() - start < Duration.toMillis(maxWait),
      schedule: Schedule.spaced("200 millis")
    }),
    Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL READ COMMITTED"),
    Effect.provideService(Clock.Clock, machineClock)
  )
})

const passes = (error: unknown): boolean =>
  SqlError.isSqlError(error) ? isPassing(error) : error instanceof Migrator.MigrationError && passes(error.cause)

/** How a database is opened: by many at once, before it is up, and not at all. */
import { execute, startPostgres } from "@holdfast/tool-postgres"
import { serverUrl } from "@holdfast/tool-postgres/vitest"
import { PgConnection } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Layer } from "effect"
import { layerPostgres } from "../../src/postgres/index.ts"
import { StoreUnopened } from "../../src/store/StoreUnopened.ts"
import { makeCommit, makeSession, now, sessionId, tenant } from "../StoreFixtures.ts"
import { emptyDatabase, open } from "./database.ts"
import { makeProxy } from "./proxy.ts"

const refusal = (url: string) =>
  Effect.map(Effect.flip(Effect.scoped(Layer.build(layerPostgres({ url: Redacted.make(url) })))), (error) => {
    assert.instanceOf(error, StoreUnopened)
    return error.message
  })

describe("opening", () => {
  for (const level of ["read committed", "serializable"]) {
    it.live(`by eight at once brings an empty database up to date once, at ${level}`, () =>
      Effect.gen(function* () {
        const url = yield* emptyDatabase({ settings: { default_transaction_isolation: level } })
        const stores = yield* Effect.replicateEffect(open(url), 8, { concurrency: "unbounded" })
        for (const [n, { sessions }] of stores.entries()) {
          assert.deepStrictEqual(yield* sessions.commit([makeCommit(makeSession(n))]), ["committed"])
        }
        const migrations = yield* execute(url, ["SELECT migration_id, name FROM holdfast_migrations"])
        assert.deepStrictEqual(migrations, [{ migration_id: 1, name: "sessions" }])
      })
    )
  }

  it.live(
    "waits for a server that is just being started",
    () =>
      Effect.gen(function* () {
        const server = yield* startPostgres({ fsync: false })
        yield* server.stop
        const opening = yield* Effect.forkChild(open(server.url), { startImmediately: true })
        yield* server.start
        const { sessions } = yield* Fiber.join(opening)
        assert.deepStrictEqual(yield* sessions.commit([makeCommit(makeSession(1))]), ["committed"])
      }),
    60_000
  )

  it.live("does not wait for a backup, which reads the table of migrations", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      yield* open(url)
      const backup = yield* PgConnection.make({ url: Redacted.make(url) })
      yield* backup.query("BEGIN")
      yield* backup.query("SELECT * FROM holdfast_migrations")
      yield* (yield* open(url)).sessions.ready
    })
  )

  it.live("works behind a pooler, where nothing can be set or prepared", () =>
    Effect.gen(function* () {
      const proxy = yield* makeProxy(yield* emptyDatabase())
      const { sessions } = yield* open(proxy.url, { pooler: true })
      for (const n of [1, 2, 3]) {
        const request = { tenant, session: sessionId(n), key: null, event: null, now }
        assert.deepStrictEqual(yield* sessions.commit([makeCommit(makeSession(n))]), ["committed"])
        const decide = () => Effect.succeed(makeCommit(makeSession(n, { revision: 2 })))
        assert.strictEqual(yield* sessions.exclusively(request, decide), "committed")
        assert.strictEqual((yield* sessions.load(request)).session?.revision, 2)
      }
      assert.isFalse(yield* proxy.hasSent("effect_"))
      assert.isFalse(yield* proxy.hasSent("statement_timeout"))
    })
  )

  it.live("says which server it was and what it said, and never the password", () =>
    Effect.gen(function* () {
      const url = new URL(serverUrl())
      url.password = "hunter2"
      url.pathname = "/no_such_database"
      const message = yield* refusal(url.href)
      assert.include(message, url.host)
      assert.include(message, 'database "no_such_database" does not exist')
      assert.notInclude(message, "hunter2")
    })
  )

  it.live.each(["mysql://holdfast:hunter2@localhost/db", "postgres://holdfast:hunter2/x@localhost/db", "hunter2"])(
    "refuses an URL that is none, and does not repeat it: %s",
    (url) =>
      Effect.gen(function* () {
        assert.notInclude(yield* refusal(url), "hunter2")
      })
  )

  it.live("closes its connections with its scope", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      // Not those of the questions themselves, of which the last may not be gone yet.
      const theirs = execute(url, [
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'holdfast'"
      ])
      const before = yield* Effect.scoped(
        Effect.flatMap(open(url), ({ sessions }) => Effect.andThen(sessions.ready, theirs))
      )
      assert.isAbove(Number(before[0]?.["n"]), 0)
      assert.deepStrictEqual(yield* Effect.repeat(theirs, { until: ([row]) => row?.["n"] === 0, times: 200 }), [
        { n: 0 }
      ])
    })
  )
})

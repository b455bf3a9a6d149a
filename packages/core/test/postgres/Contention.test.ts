/** Several processes at the same rows: nothing is lost, nothing is doubled, and nobody waits for ever. */
import { PgConnection } from "@effect/sql-pg"
import { execute, refuseSome } from "@holdfast/tool-postgres"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Clock, DateTime, Effect, Fiber, Redacted } from "effect"
import { tenantTables } from "../../src/sql/Migrations.ts"
import { StoreError } from "../../src/store/SessionStore.ts"
import type { Commit, SessionStore } from "../../src/store/SessionStore.ts"
import { idempotencyKey, later, makeCommit, makeSession, now, sessionId, tenant } from "../StoreFixtures.ts"
import { emptyDatabase, open } from "./database.ts"

const atOnce = { concurrency: "unbounded" } as const
const range = (count: number) => Array.from({ length: count }, (_, n) => n)
const request = (n: number) => ({ tenant, session: sessionId(n), key: null, event: null, now })

const processes = Effect.fnUntraced(function* (url: string, count: number) {
  return yield* Effect.forEach(range(count), () => Effect.map(open(url), ({ sessions }) => sessions), atOnce)
})

/** Somebody who holds a session and does not let go: another process, in a transaction. */
const holder = Effect.fnUntraced(function* (url: string, session: number) {
  const connection = yield* PgConnection.make({ url: Redacted.make(url) })
  yield* connection.query("BEGIN")
  yield* connection.query("SELECT 1 FROM sessions WHERE id = $1 FOR UPDATE", [sessionId(session)])
  return connection
})

/** Waits until so many wait for a lock. */
const untilWaiting = (url: string, count: number) =>
  Effect.repeat(
    execute(url, [
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    ]),
    { until: ([row]) => row?.["n"] === count }
  )

describe("overlapping batches of several processes, each in another order", () => {
  const rounds = Effect.fnUntraced(function* (url: string, stores: ReadonlyArray<SessionStore["Service"]>) {
    const [first] = stores
    const sessions = range(48)
    for (const n of sessions) yield* first?.commit([makeCommit(makeSession(n))]) ?? Effect.void
    const won = new Map<string, number>()
    for (const round of range(20)) {
      const results = yield* Effect.forEach(
        stores,
        (store, writer) => {
          // Steps that share no factor with 48 visit every session, in an order of the writer's own; keys are shared, and one apart.
          const order = sessions.map((n) => (n * (6 * writer + 1) + writer * 13) % 48)
          const batch = order.map((n) =>
            makeCommit(makeSession(n, { revision: round + 2 }), { key: `round-${round}-${(n + writer) % 48}` })
          )
          return Arr.isArrayNonEmpty(batch)
            ? Effect.map(store.commit(batch), (done) => [order, done] as const)
            : Effect.die("empty")
        },
        atOnce
      )
      for (const [order, done] of results) {
        for (const [at, result] of done.entries()) {
          if (result === "committed") won.set(`${order[at]}/${round}`, (won.get(`${order[at]}/${round}`) ?? 0) + 1)
        }
      }
      // Those that lost on their key take their revision all the same, so that every session is ready for the next round.
      yield* Effect.forEach(
        sessions,
        (n) => first?.commit([makeCommit(makeSession(n, { revision: round + 2 }))]) ?? Effect.void,
        atOnce
      )
    }
    for (const times of won.values()) assert.strictEqual(times, 1)
    assert.isAbove(won.size, 400)
    const [counts] = yield* execute(url, [
      `SELECT (SELECT count(*)::int FROM history) AS events, (SELECT count(*)::int FROM idempotency_records) AS keys,
        (SELECT count(*)::int FROM sessions WHERE revision = 21) AS sessions`
    ])
    assert.deepStrictEqual(counts, { events: 48 * 21, keys: won.size, sessions: 48 })
  })

  it.live("commit each session and each key once, and never wait for each other in a circle", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      yield* rounds(url, yield* processes(url, 4))
      const [deadlocks] = yield* execute(url, [
        "SELECT pg_stat_force_next_flush()",
        "SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()"
      ])
      assert.deepStrictEqual(deadlocks, { n: 0 })
    })
  )

  it.live("do so when one transaction in twenty is refused at its commit", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      const stores = yield* processes(url, 3)
      yield* refuseSome(url, tenantTables)
      yield* rounds(url, stores)
    })
  )
})

describe("a session that somebody else holds", () => {
  it.live("is stale to a batch, whose other members are not held up", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      const { sessions } = yield* open(url)
      yield* sessions.commit([makeCommit(makeSession(1)), makeCommit(makeSession(2))])
      yield* holder(url, 1)
      const next = (n: number) => makeCommit(makeSession(n, { revision: 2 }))
      assert.deepStrictEqual(yield* sessions.commit([next(1), next(2)]), ["stale", "committed"])
    })
  )

  it.live("is waited for by a change that wants to hold it, and had when it is free", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      const { sessions } = yield* open(url)
      yield* sessions.commit([makeCommit(makeSession(1))])
      const other = yield* holder(url, 1)
      const decide = () => Effect.succeed(makeCommit(makeSession(1, { revision: 2 })))
      const change = yield* Effect.forkChild(sessions.exclusively(request(1), decide))
      yield* untilWaiting(url, 1)
      assert.strictEqual((yield* sessions.load(request(1))).session?.revision, 1)
      yield* other.query("ROLLBACK")
      assert.strictEqual(yield* Fiber.join(change), "committed")
    })
  )

  it.live("is given up after five seconds, and everything else goes on meanwhile", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      const { sessions } = yield* open(url)
      yield* sessions.commit([makeCommit(makeSession(1))])
      yield* holder(url, 1)
      const start = yield* Clock.currentTimeMillis
      const refused = Effect.flip(sessions.exclusively(request(1), () => Effect.succeed(null)))
      const change = yield* Effect.forkChild(Effect.zip(refused, Clock.currentTimeMillis))
      yield* untilWaiting(url, 1)
      for (const n of range(50)) {
        assert.deepStrictEqual(yield* sessions.commit([makeCommit(makeSession(10 + n))]), ["committed"])
      }
      const [error, end] = yield* Fiber.join(change)
      assert.isTrue(error instanceof StoreError && error.outcome === "not_applied")
      assert.isBelow(end - start, 6_000)
    })
  )
})

describe("a redaction", () => {
  for (const level of ["read committed", "repeatable read", "serializable"]) {
    it.live(`erases what was stored while it waited for the session, at ${level}`, () =>
      Effect.gen(function* () {
        const url = yield* emptyDatabase({ settings: { default_transaction_isolation: level } })
        const { sessions } = yield* open(url)
        yield* sessions.commit([makeCommit(makeSession(1), { key: "first" })])
        const other = yield* holder(url, 1)
        yield* other.query(
          `INSERT INTO idempotency_records SELECT organization, environment, 'second', operation, session, run, format,
          key_version, fingerprint, outcome, created_at, expires_at FROM idempotency_records`
        )
        const erasing: Commit = {
          ...makeCommit(makeSession(1, { revision: 2, retentionStatus: "redacted" })),
          erases: true
        }
        const redaction = yield* Effect.forkChild(sessions.exclusively(request(1), () => Effect.succeed(erasing)))
        yield* untilWaiting(url, 1)
        yield* other.query("COMMIT")
        assert.strictEqual(yield* Fiber.join(redaction), "committed")
        for (const key of ["first", "second"]) {
          const { record } = yield* sessions.load({ ...request(1), key: idempotencyKey(key) })
          assert.isNotNull(record)
          assert.isNull(record?.body ?? null)
        }
      })
    )
  }
})

describe("a key at the moment when its record expires", () => {
  it.live("is claimed by one of two, whatever the sweep does", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      const [one, two, sweeper] = yield* processes(url, 3)
      assert.isDefined(one)
      assert.isDefined(two)
      assert.isDefined(sweeper)
      const rounds = range(100)
      yield* Effect.forEach(rounds, (n) => one.commit([makeCommit(makeSession(n), { key: `key-${n}` })]), atOnce)
      const expiry = later("24 hours")
      const claim = (n: number, store: SessionStore["Service"], millis: number) => {
        const at = DateTime.add(expiry, { milliseconds: millis })
        const change = makeCommit(makeSession(n, { revision: 2 }), { key: `key-${n}` })
        const record = change.record && {
          ...change.record,
          createdAt: at,
          expiresAt: DateTime.add(at, { hours: 24 })
        }
        return store.commit([{ ...change, record, now: at }])
      }
      for (const n of rounds) {
        const results = yield* Effect.all(
          [claim(n, one, 0), claim(n, two, 1), sweeper.sweep(tenant, expiry, 1)],
          atOnce
        )
        assert.isAtMost(results.filter((result) => Array.isArray(result) && result[0] === "committed").length, 1)
      }
      const [counts] = yield* execute(url, [
        `SELECT (SELECT count(*)::int FROM history WHERE revision = 2) AS events,
          (SELECT count(*)::int FROM idempotency_records WHERE expires_at > '2026-11-24') AS keys`
      ])
      assert.strictEqual(counts?.["events"], counts?.["keys"])
      assert.isAbove(Number(counts?.["keys"]), 50)
    })
  )
})

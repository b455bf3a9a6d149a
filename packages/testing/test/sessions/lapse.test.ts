/** A session whose token ran out is expired from that instant on; the next write persists exactly that (contract §3). */
import { CaptureSettings, Sessions, SessionStore } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { at, layerOver } from "@holdfast/testing"
import type { Stores } from "@holdfast/testing"
import { caller, create, historyOf, overEngines, refusal } from "../support.ts"

const lifetime = 20 * 60_000

const stored = Effect.fnUntraced(function* (id: Parameters<typeof historyOf>[0]["id"]) {
  const store = yield* SessionStore
  return (yield* store.load({ tenant: caller, session: id, key: null, event: null, now: at(0) })).session
})

const steps = (events: Effect.Success<ReturnType<typeof historyOf>>["events"]) =>
  events.map(({ revision, type, changed }) => `${revision} ${type} ${changed.join()}`)

overEngines("a session whose token ran out", ({ test }) => {
  test("is pending a millisecond before, and expired from the instant itself", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      yield* TestClock.adjust(lifetime - 1)
      const before = yield* sessions.get(caller, id)
      assert.deepInclude(before, { status: "pending", revision: 1 })
      assert.match(sessions.captureUrl(before) ?? "", /^http:\/\/127\.0\.0\.1:4000\/verify\/tok_[0-9A-Za-z]{43}$/)
      for (const millis of [1, 1, 60_000]) {
        yield* TestClock.adjust(millis)
        const after = yield* sessions.get(caller, id)
        assert.deepInclude(after, { status: "expired", revision: 2 })
        assert.strictEqual(DateTime.toEpochMillis(after.updatedAt), lifetime)
        assert.isNull(sessions.captureUrl(after))
      }
    }))

  test("is read as expired without a write", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const session = yield* create()
      yield* TestClock.adjust(lifetime)
      yield* sessions.get(caller, session.id)
      const { edges } = yield* sessions.list(caller, { status: "expired" })
      assert.deepStrictEqual(
        edges.map(({ session }) => session.status),
        ["expired"]
      )
      assert.deepStrictEqual((yield* sessions.list(caller, { status: "pending" })).edges, [])
      assert.strictEqual((yield* stored(session.id))?.revision, 1)
      assert.strictEqual((yield* historyOf(session)).events.length, 1)
    }))

  test("takes an update on top: two revisions, each with its event and its time", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      yield* TestClock.adjust(lifetime + 5)
      const { session } = yield* sessions.update(caller, { id, input: { externalRef: "late" } })
      assert.deepInclude(session, { status: "expired", revision: 3, externalRef: "late" })
      const { audit, events } = yield* historyOf({ id })
      assert.deepStrictEqual(steps(events).slice(1), ["2 session.expired status", "3 session.updated externalRef"])
      assert.deepStrictEqual(
        events.map((event) => DateTime.toEpochMillis(event.at)),
        [0, lifetime, lifetime + 5]
      )
      assert.deepStrictEqual(audit.map(({ action }) => action).toSorted(), ["createSession", "updateSession"])
      // The revision after it is one more, not another lapse.
      assert.strictEqual((yield* sessions.update(caller, { id, input: { externalRef: "later" } })).session.revision, 4)
    }))

  test("is at the revision that a reader sees, for whoever expects one", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      yield* TestClock.adjust(lifetime)
      const update = (expectedRevision: number) =>
        sessions.update(caller, { id, input: { externalRef: "late", expectedRevision } })
      assert.strictEqual(yield* refusal(update(1)), "Conflict revision_mismatch")
      assert.strictEqual((yield* update(2)).session.revision, 3)
    }))

  for (const idempotencyKey of ["k", null]) {
    test(`is stored by an update that changes nothing, ${idempotencyKey === null ? "without" : "with"} a key: its revision was answered`, () =>
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const { id } = yield* create()
        yield* TestClock.adjust(lifetime)
        const request = { id, input: {}, idempotencyKey }
        const updated = yield* sessions.update(caller, request)
        assert.deepInclude(updated.session, { status: "expired", revision: 2 })
        assert.deepStrictEqual(JSON.stringify(yield* stored(id)), JSON.stringify(updated.session))
        assert.deepStrictEqual(steps((yield* historyOf({ id })).events).slice(1), ["2 session.expired status"])
        const again = yield* sessions.update(caller, request)
        assert.deepStrictEqual(JSON.stringify(again.session), JSON.stringify(updated.session))
        assert.strictEqual(again.replayed, idempotencyKey !== null)
      }))
  }

  test("can be redacted, and a redacted session may still lapse", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const [late, early] = [yield* create({ name: "Ada" }), yield* create({ name: "Ada" })]
      yield* sessions.redact(caller, { id: early.id })
      yield* TestClock.adjust(lifetime)
      const { session } = yield* sessions.redact(caller, { id: late.id })
      assert.deepInclude(session, { status: "expired", retentionStatus: "redacted", revision: 3 })
      assert.deepInclude(yield* sessions.get(caller, early.id), {
        status: "expired",
        retentionStatus: "redacted",
        revision: 3
      })
      const again = yield* sessions.redact(caller, { id: early.id, idempotencyKey: "again" })
      assert.deepInclude(again, { alreadyRedacted: true })
      assert.deepStrictEqual(
        (yield* historyOf(early)).events.map(({ type }) => type),
        ["session.created", "session.redacted", "session.expired"]
      )
    }))

  test("shows its dead capture URL again to the retry of its creation", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const first = yield* sessions.create(caller, { idempotencyKey: "k" })
      yield* TestClock.adjust(lifetime)
      const again = yield* sessions.create(caller, { idempotencyKey: "k" })
      assert.deepStrictEqual(again, { ...first, replayed: true })
      assert.strictEqual(sessions.captureUrl(again.session), sessions.captureUrl(first.session))
    }))

  test("lived as long as the settings say, and its URL begins as they say", () =>
    Effect.gen(function* () {
      const settings = { publicUrl: "https://id.example.com", tokenLifetime: Duration.seconds(1) }
      const stores = Layer.succeedContext(yield* Effect.context<Stores>())
      const layer = Layer.fresh(layerOver(stores)).pipe(Layer.provide(Layer.succeed(CaptureSettings, settings)))
      const sessions = Context.get(yield* Layer.build(layer), Sessions)
      const { session } = yield* sessions.create(caller, {})
      assert.match(sessions.captureUrl(session) ?? "", /^https:\/\/id\.example\.com\/verify\/tok_/)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* sessions.get(caller, session.id)).status, "expired")
    }))
})

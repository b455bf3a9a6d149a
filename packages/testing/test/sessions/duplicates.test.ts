/** Requests that are sent again, at once or later, happen once (contract §6). */
import { Sessions } from "@holdfast/core"
import type { Outcome } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { caller, create, historyOf, otherSessions, overEngines, refusal } from "../support.ts"

const many = Array.from({ length: 200 }, (_, n) => n)

const atOnce = { concurrency: "unbounded" } as const

const fresh = (outcomes: ReadonlyArray<Outcome>) => outcomes.filter(({ replayed }) => !replayed).length

overEngines("a duplicate", ({ live, test }) => {
  test("of a finished update answers with the first outcome, as it was then, and does nothing", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { metadata: { tier: "gold" } }, idempotencyKey: "order-7" }
      const first = yield* sessions.update(caller, request)
      yield* sessions.update(caller, { id, input: { externalRef: "later", metadata: { tier: "lead", more: 1 } } })
      yield* TestClock.adjust("2 hours")
      const now = yield* sessions.get(caller, id)
      const history = yield* historyOf({ id })

      const again = yield* sessions.update(caller, request)
      assert.deepStrictEqual(again, { ...first, replayed: true })
      assert.deepStrictEqual(yield* sessions.get(caller, id), now)
      assert.deepStrictEqual(yield* historyOf({ id }), history)
    }))

  test("of a finished creation answers with the session that was made, and makes none", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const request = { input: { externalRef: "user-42", tags: ["a"] }, idempotencyKey: "signup-42" }
      const first = yield* sessions.create(caller, request)
      yield* sessions.update(caller, { id: first.session.id, input: { externalRef: "later" } })
      const again = yield* sessions.create(caller, request)
      assert.deepStrictEqual(again, { ...first, replayed: true })
      assert.strictEqual(sessions.captureUrl(again.session), sessions.captureUrl(first.session))
      assert.strictEqual((yield* sessions.list(caller)).edges.length, 1)
    }))

  test("is the same request whatever the order of its keys and whatever API key sends it", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const update = (input: object, as = caller) => sessions.update(as, { id, input, idempotencyKey: "k" })
      yield* update({ metadata: { a: { x: 1, y: 0 } }, externalRef: "a" })
      const others = [
        update({ externalRef: "a", metadata: { a: { y: -0, x: 1 } } }),
        update({ externalRef: "a", metadata: { a: { x: 1, y: 0 } }, expectedRevision: null }),
        update({ externalRef: "a", metadata: { a: { x: 1, y: 0 } } }, { ...caller, apiKey: null, requestId: "another" })
      ]
      for (const other of others) assert.isTrue((yield* other).replayed)
    }))

  test("needs the scopes of today", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      yield* sessions.update(caller, request)
      const reader = { ...caller, scopes: new Set(["sessions:read"] as const) }
      assert.strictEqual(yield* refusal(sessions.update(reader, request)), "Forbidden insufficient_scope")
    }))

  test("200 at once: one does the work, all answer alike", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { metadata: { tier: "gold" } }, idempotencyKey: "k" }
      const outcomes = yield* Effect.forEach(many, () => sessions.update(caller, request), atOnce)
      assert.strictEqual(fresh(outcomes), 1)
      for (const { session } of outcomes) assert.deepStrictEqual(session, outcomes[0]?.session)
      const { audit, events } = yield* historyOf({ id })
      assert.deepStrictEqual(
        events.map(({ revision }) => revision),
        [1, 2]
      )
      assert.strictEqual(audit.length, 2)
    }))

  test("200 creations at once make one session", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const request = { input: { externalRef: "user-42" }, idempotencyKey: "k" }
      const outcomes = yield* Effect.forEach(many, () => sessions.create(caller, request), atOnce)
      assert.strictEqual(fresh(outcomes), 1)
      assert.strictEqual(new Set(outcomes.map(({ session }) => session.id)).size, 1)
      assert.strictEqual((yield* sessions.list(caller)).edges.length, 1)
    }))

  live("200 at once, spread over four processes: one does the work, all answer alike", () =>
    Effect.gen(function* () {
      const { id } = yield* create()
      const processes = [yield* otherSessions, yield* otherSessions, yield* otherSessions, yield* otherSessions]
      const request = { id, input: { metadata: { tier: "gold" } }, idempotencyKey: "k" }
      const outcomes = yield* Effect.forEach(
        many.flatMap((n) => processes[n % 4] ?? []),
        (sessions) => sessions.update(caller, request),
        atOnce
      )
      assert.strictEqual(outcomes.length, 200)
      assert.strictEqual(fresh(outcomes), 1)
      for (const { session } of outcomes) assert.strictEqual(session.revision, 2)
      assert.strictEqual((yield* historyOf({ id })).events.length, 2)
    })
  )
})

overEngines("updates of one session", ({ live, test }) => {
  const updates = (id: string) =>
    many.map((n) => ({ id, input: { metadata: { [`key-${n % 50}`]: n } }, idempotencyKey: `update-${n}` }))

  const assertNothingLost = Effect.fnUntraced(function* (id: string, outcomes: ReadonlyArray<Outcome>) {
    const session = yield* (yield* Sessions).get(caller, id)
    assert.strictEqual(fresh(outcomes), 200)
    assert.strictEqual(session.revision, 201)
    const inOrder = outcomes
      .map(({ session }, n) => ({ n, revision: session.revision, metadata: session.metadata }))
      .toSorted((a, b) => a.revision - b.revision)
    assert.deepStrictEqual(
      inOrder.map(({ revision }) => revision),
      many.map((n) => n + 2)
    )
    // Each outcome is the one before it with its own key merged in.
    const expected: Record<string, unknown> = {}
    for (const { metadata, n } of inOrder) {
      expected[`key-${n % 50}`] = n
      assert.deepStrictEqual(metadata, expected)
    }
    assert.strictEqual(Object.keys(session.metadata).length, 50)
    assert.deepStrictEqual(session.metadata, expected)
    const { audit, events } = yield* historyOf({ id: session.id })
    assert.deepStrictEqual(
      events.map(({ revision }) => revision),
      [1, ...many.map((n) => n + 2)]
    )
    assert.strictEqual(audit.length, 201)
  })

  test("200 at once over 50 keys: one outcome each, nothing lost, 200 revisions", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const outcomes = yield* Effect.forEach(updates(id), (request) => sessions.update(caller, request), atOnce)
      yield* assertNothingLost(id, outcomes)
      const again = yield* Effect.forEach(updates(id), (request) => sessions.update(caller, request), atOnce)
      assert.deepStrictEqual(
        again,
        outcomes.map((outcome) => ({ ...outcome, replayed: true }))
      )
      yield* assertNothingLost(id, outcomes)
    }))

  live("200 at once from four processes: nothing lost", () =>
    Effect.gen(function* () {
      const { id } = yield* create()
      const processes = [yield* otherSessions, yield* otherSessions, yield* otherSessions, yield* otherSessions]
      const outcomes = yield* Effect.forEach(
        updates(id).map((request, n) => processes[n % 4]?.update(caller, request) ?? Effect.die("no such process")),
        // A machine that is busy elsewhere may not get through in five seconds; a client then asks again.
        Effect.retry({ while: (error) => error._tag === "Unavailable", times: 5 }),
        atOnce
      )
      yield* assertNothingLost(id, outcomes)
    })
  )

  test("without keys, 200 at once: nothing lost either", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const outcomes = yield* Effect.forEach(
        updates(id),
        ({ id, input }) => sessions.update(caller, { id, input }),
        atOnce
      )
      yield* assertNothingLost(id, outcomes)
    }))
})

/** A store that fails, loses an answer or is always too late: nothing is lost, and nothing happens twice (contract §6). */
import { Sessions } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { Faults, layerOver, makeId } from "@holdfast/testing"
import type { Stores } from "@holdfast/testing"
import { Clock, Context, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { asTimePasses, caller, create, historyOf, otherSessions, overEngines, refusal } from "../support.ts"

const unavailable = "Unavailable unavailable"
const begin = Effect.forkChild({ startImmediately: true })

overEngines("a store that is down", ({ test }) => {
  test("is Unavailable for every method, and nothing happened", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const session = yield* create()
      yield* faults.always(Faults.refuse)
      const { id } = session
      for (const idempotencyKey of [null, "k"]) {
        const input = { externalRef: "a" }
        assert.strictEqual(yield* refusal(sessions.create(caller, { input, idempotencyKey })), unavailable)
        assert.strictEqual(yield* refusal(sessions.update(caller, { id, input, idempotencyKey })), unavailable)
        assert.strictEqual(yield* refusal(sessions.redact(caller, { id, idempotencyKey })), unavailable)
      }
      assert.strictEqual(yield* refusal(sessions.get(caller, id)), unavailable)
      assert.strictEqual(yield* refusal(sessions.list(caller)), unavailable)
      assert.strictEqual(yield* refusal(sessions.page(caller)), unavailable)
      yield* faults.clear
      assert.deepStrictEqual(yield* sessions.get(caller, id), session)
      assert.strictEqual((yield* sessions.list(caller)).edges.length, 1)
    }))

  test("says when to come again, and a retry with the same key then runs", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      yield* faults.next("sessions.commit", Faults.refuse)
      assert.deepInclude(yield* Effect.flip(sessions.update(caller, request)), { _tag: "Unavailable", retryAfter: 1 })
      assert.isFalse((yield* sessions.update(caller, request)).replayed)
    }))

  test("refuses nobody whose scope is known to be missing", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      yield* faults.always(Faults.refuse)
      const reader = { ...caller, scopes: new Set<never>() }
      assert.strictEqual(yield* refusal(sessions.create(reader, {})), "Forbidden insufficient_scope")
    }))
})

overEngines("a commit whose answer was lost", ({ test }) => {
  for (const [how, fault, event] of [
    ["that was applied", Faults.loseAnswer, "found"],
    ["that never arrived", Faults.loseCall, "made"]
  ] as const) {
    for (const idempotencyKey of ["k", null]) {
      test(`${how}, ${idempotencyKey === null ? "without" : "with"} a key: is ${event} once, and was this request's own`, () =>
        Effect.gen(function* () {
          const sessions = yield* Sessions
          const faults = yield* Faults.Faults
          const { id } = yield* create({ count: 0 })
          yield* faults.next("sessions.commit", fault)
          const updated = yield* sessions.update(caller, { id, input: { metadata: { count: 1 } }, idempotencyKey })
          assert.isFalse(updated.replayed)
          assert.deepInclude(updated.session, { revision: 2, metadata: { count: 1 } })

          yield* faults.next("sessions.commit", fault)
          const created = yield* sessions.create(caller, { idempotencyKey: idempotencyKey && "create" })
          assert.isFalse(created.replayed)
          assert.deepStrictEqual(
            JSON.stringify(yield* sessions.get(caller, created.session.id)),
            JSON.stringify(created.session)
          )

          yield* faults.next("sessions.exclusively", fault)
          const redacted = yield* sessions.redact(caller, { id, idempotencyKey: idempotencyKey && "redact" })
          assert.deepInclude(redacted, { alreadyRedacted: false, replayed: false })

          const { audit, events } = yield* historyOf({ id })
          assert.deepStrictEqual(
            events.map(({ revision }) => revision),
            [1, 2, 3]
          )
          assert.strictEqual(audit.length, 3)
          assert.strictEqual((yield* sessions.list(caller)).edges.length, 2)
        }))

      test(`${how}, ${idempotencyKey === null ? "without" : "with"} a key, and another writer was faster than the look-up: not doubled`, () =>
        Effect.gen(function* () {
          const sessions = yield* Sessions
          const faults = yield* Faults.Faults
          const elsewhere = yield* otherSessions
          const { id } = yield* create({ count: 0 })
          const other = Effect.orDie(elsewhere.update(caller, { id, input: { metadata: { count: 7 } } }))
          yield* faults.next("sessions.commit", (call, tooLate) => Effect.onError(fault(call, tooLate), () => other))
          const input = { metadata: { count: 1 } }
          const outcome = yield* sessions.update(caller, { id, input, idempotencyKey })
          assert.isFalse(outcome.replayed)
          assert.deepStrictEqual(outcome.session.metadata, { count: 1 })
          const { events } = yield* historyOf({ id })
          assert.deepStrictEqual(
            events.map(({ revision }) => revision),
            [1, 2, 3]
          )
          // Applied, it came before the other; never arrived, it came after.
          const last = event === "found" ? 7 : 1
          assert.deepStrictEqual((yield* sessions.get(caller, id)).metadata, { count: last })
          assert.strictEqual(outcome.session.revision, event === "found" ? 2 : 3)
        }))
    }
  }

  test("is looked up until the store answers again", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const { id } = yield* create()
      yield* faults.next("sessions.load", (call) => call, ...Array.from({ length: 8 }, () => Faults.refuse))
      yield* faults.next("sessions.commit", Faults.loseAnswer)
      const update = yield* begin(sessions.update(caller, { id, input: { externalRef: "a" } }))
      const { replayed, session } = yield* asTimePasses(update)
      assert.isFalse(replayed)
      assert.strictEqual(session.revision, 2)
      assert.strictEqual((yield* sessions.get(caller, id)).revision, 2)
    }))

  test("of a store that stays away is Unavailable after five seconds; the retry finds what happened", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      yield* faults.next("sessions.load", (call) => call)
      yield* faults.next("sessions.commit", Faults.loseAnswer)
      yield* faults.always(Faults.refuse)
      const before = yield* Clock.currentTimeMillis
      const update = yield* begin(refusal(sessions.update(caller, request)))
      assert.strictEqual(yield* asTimePasses(update), unavailable)
      const elapsed = (yield* Clock.currentTimeMillis) - before
      assert.isAtLeast(elapsed, 5_000)
      assert.isBelow(elapsed, 6_000)
      yield* faults.clear
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
      assert.strictEqual((yield* historyOf({ id })).events.length, 2)
    }))

  test("of an update that changed nothing stores one outcome", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const { id } = yield* create()
      yield* faults.next("sessions.commit", Faults.loseAnswer)
      const request = { id, input: {}, idempotencyKey: "k" }
      assert.isFalse((yield* sessions.update(caller, request)).replayed)
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
      assert.strictEqual((yield* historyOf({ id })).audit.length, 2)
    }))
})

overEngines("a commit that is too late", ({ test }) => {
  test("is decided again upon what is there now", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const elsewhere = yield* otherSessions
      const { id } = yield* create()
      const other = elsewhere.update(caller, { id, input: { metadata: { other: true } } })
      yield* faults.next("sessions.commit", Faults.after(Effect.orDie(other)))
      const { session } = yield* sessions.update(caller, { id, input: { metadata: { mine: true } } })
      assert.deepStrictEqual(session.metadata, { other: true, mine: true })
      assert.strictEqual(session.revision, 3)
    }))

  test("finds what it expected gone: a revision, the session's data, or its own key", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const elsewhere = yield* otherSessions
      const [one, two, three] = [yield* create(), yield* create(), yield* create()]
      const first = (effect: Effect.Effect<unknown, unknown>) =>
        faults.next("sessions.commit", Faults.after(Effect.orDie(effect)))

      yield* first(elsewhere.update(caller, { id: one.id, input: { externalRef: "other" } }))
      const expecting = sessions.update(caller, { id: one.id, input: { externalRef: "a", expectedRevision: 1 } })
      assert.strictEqual(yield* refusal(expecting), "Conflict revision_mismatch")

      yield* first(elsewhere.redact(caller, { id: two.id }))
      const redacted = sessions.update(caller, { id: two.id, input: { externalRef: "a" }, idempotencyKey: "two" })
      assert.strictEqual(yield* refusal(redacted), "Unprocessable session_redacted")

      const request = { id: three.id, input: { externalRef: "a" }, idempotencyKey: "three" }
      yield* first(elsewhere.update(caller, request))
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
      yield* first(elsewhere.create(caller, { idempotencyKey: "four" }))
      const mismatch = sessions.update(caller, { ...request, idempotencyKey: "four" })
      assert.strictEqual(yield* refusal(mismatch), "Unprocessable idempotency_mismatch")
    }))

  test("again and again ends after five seconds", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const session = yield* create()
      yield* faults.always(Faults.beTooLate, "sessions.commit")
      yield* faults.always(Faults.beTooLate, "sessions.exclusively")
      const update = yield* begin(refusal(sessions.update(caller, { id: session.id, input: { externalRef: "a" } })))
      yield* TestClock.adjust("4 seconds")
      assert.isUndefined(update.pollUnsafe())
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* Fiber.join(update), unavailable)
      assert.deepStrictEqual(yield* sessions.get(caller, session.id), session)
    }))

  test("three times in a row: the fourth time nobody can be, and the answer is the same", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const elsewhere = yield* otherSessions
      const { id } = yield* create()
      const before = yield* faults.calls("sessions.commit")
      const overtaken = (count: number) =>
        Faults.after(Effect.orDie(elsewhere.update(caller, { id, input: { metadata: { count } } })), Faults.beTooLate)
      yield* faults.next(
        "sessions.commit",
        overtaken(1),
        (call) => call,
        overtaken(2),
        (call) => call,
        overtaken(3)
      )
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const updated = yield* sessions.update(caller, request)
      assert.deepInclude(updated.session, { revision: 5, externalRef: "a", metadata: { count: 3 } })
      assert.isFalse(updated.replayed)
      assert.strictEqual(yield* faults.calls("sessions.commit"), before + 6)
      assert.strictEqual(yield* faults.calls("sessions.exclusively"), 1)
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
    }))

  for (const [how, fault] of [
    ["applied", Faults.loseAnswer],
    ["not applied", Faults.loseCall]
  ] as const) {
    test(`and then the answer of the last try is lost, ${how}: applied once`, () =>
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const faults = yield* Faults.Faults
        const { id } = yield* create({ count: 0 })
        yield* faults.next("sessions.commit", Faults.beTooLate, Faults.beTooLate, Faults.beTooLate)
        yield* faults.next("sessions.exclusively", fault)
        const update = yield* begin(sessions.update(caller, { id, input: { metadata: { count: 1 } } }))
        assert.strictEqual((yield* asTimePasses(update)).session.revision, 2)
        assert.strictEqual((yield* historyOf({ id })).events.length, 2)
      }))
  }
})

overEngines("a store that does not answer", ({ test }) => {
  test("makes a request wait five seconds, and holds up neither its key nor its session afterwards", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const sessions = yield* Sessions
      const { id } = yield* create()
      const stall = yield* Faults.makeStall()
      yield* faults.next("sessions.load", stall.fault)
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const update = yield* begin(Effect.flip(sessions.update(caller, request)))
      yield* stall.arrived
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Fiber.join(update))._tag, "Unavailable")
      assert.isFalse((yield* sessions.update(caller, request)).replayed)
      yield* stall.release
    }))
})

overEngines("closing the service", ({ test }) => {
  for (const idempotencyKey of ["k", null]) {
    test(`waits for a change that is under way ${idempotencyKey === null ? "without" : "with"} a key`, () =>
      Effect.gen(function* () {
        const faults = yield* Faults.Faults
        const { id } = yield* create()
        const scope = yield* Scope.make()
        const stores = Layer.succeedContext(yield* Effect.context<Stores>())
        const context = yield* Layer.buildWithScope(Layer.fresh(layerOver(stores)), scope)
        const sessions = Context.get(context, Sessions)

        const stall = yield* Faults.makeStall()
        yield* faults.next("sessions.commit", stall.fault)
        const update = yield* begin(sessions.update(caller, { id, input: { externalRef: "a" }, idempotencyKey }))
        yield* stall.arrived
        const closing = yield* begin(Scope.close(scope, Exit.void))
        yield* TestClock.adjust("9 seconds")
        assert.isUndefined(closing.pollUnsafe())
        yield* stall.release
        yield* Fiber.join(closing)
        assert.strictEqual((yield* Fiber.join(update)).session.externalRef, "a")
        assert.strictEqual((yield* (yield* Sessions).get(caller, id)).externalRef, "a")
      }))
  }

  test("waits for a run whose client went away", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const { id } = yield* create()
      const scope = yield* Scope.make()
      const stores = Layer.succeedContext(yield* Effect.context<Stores>())
      const sessions = Context.get(yield* Layer.buildWithScope(Layer.fresh(layerOver(stores)), scope), Sessions)
      const stall = yield* Faults.makeStall()
      yield* faults.next("sessions.load", stall.fault)
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const client = yield* begin(sessions.update(caller, request))
      yield* stall.arrived
      yield* Fiber.interrupt(client)
      const closing = yield* begin(Scope.close(scope, Exit.void))
      assert.isUndefined(closing.pollUnsafe())
      yield* stall.release
      yield* Fiber.join(closing)
      assert.strictEqual((yield* (yield* Sessions).get(caller, id)).externalRef, "a")
    }))

  test("waits ten seconds for a store that never answers, and then gives up", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const { id } = yield* create()
      const scope = yield* Scope.make()
      const stores = Layer.succeedContext(yield* Effect.context<Stores>())
      const sessions = Context.get(yield* Layer.buildWithScope(Layer.fresh(layerOver(stores)), scope), Sessions)
      const stall = yield* Faults.makeStall()
      yield* faults.next("sessions.commit", stall.fault)
      yield* begin(sessions.update(caller, { id, input: { externalRef: "a" }, idempotencyKey: "k" }))
      yield* stall.arrived
      const closing = yield* begin(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(closing)
      yield* stall.release
    }))

  test("with nothing under way does not wait", () =>
    Effect.gen(function* () {
      yield* create()
      const scope = yield* Scope.make()
      const stores = Layer.succeedContext(yield* Effect.context<Stores>())
      const sessions = Context.get(yield* Layer.buildWithScope(Layer.fresh(layerOver(stores)), scope), Sessions)
      yield* sessions.create(caller, { idempotencyKey: "k" })
      yield* refusal(sessions.update(caller, { id: makeId("ses", 404), input: {}, idempotencyKey: "k2" }))
      yield* Scope.close(scope, Exit.void)
    }))
})

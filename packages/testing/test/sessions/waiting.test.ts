/** Requests that meet: who does the work, who waits, for how long, and what the others are told (contract §6). */
import { Sessions } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { Faults, makeId } from "@holdfast/testing"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { caller, create, historyOf, overEngines, refusal } from "../support.ts"

/** Starts at once, so that a request that has to wait is waiting when the next line runs. */
const begin = Effect.forkChild({ startImmediately: true })

/** A request whose run has arrived in the store and stays there. */
const stalled = (method: Faults.StoreMethod, then?: Faults.Fault) =>
  Effect.gen(function* () {
    const stall = yield* Faults.makeStall(then)
    yield* (yield* Faults.Faults).next(method, stall.fault)
    return stall
  })

overEngines("a client that goes away", ({ test }) => {
  test("does not stop the run of its key: a retry gets its outcome", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const stall = yield* stalled("sessions.commit")
      const client = yield* begin(sessions.update(caller, request))
      yield* stall.arrived
      yield* Fiber.interrupt(client)
      const retry = yield* begin(sessions.update(caller, request))
      yield* stall.release
      const outcome = yield* Fiber.join(retry)
      assert.isTrue(outcome.replayed)
      assert.strictEqual(outcome.session.revision, 2)
      assert.strictEqual((yield* historyOf({ id })).events.length, 2)
    }))

  test("does not stop it before the commit has begun, either", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const stall = yield* stalled("sessions.load")
      const client = yield* begin(sessions.update(caller, request))
      yield* stall.arrived
      yield* Fiber.interrupt(client)
      yield* stall.release
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
      assert.strictEqual((yield* sessions.get(caller, id)).externalRef, "a")
    }))

  test("leaves the others that wait for the same run in peace", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const stall = yield* stalled("sessions.commit")
      const first = yield* begin(sessions.update(caller, request))
      yield* stall.arrived
      const [second, third] = [
        yield* begin(sessions.update(caller, request)),
        yield* begin(sessions.update(caller, request))
      ]
      yield* Fiber.interrupt(second)
      yield* Fiber.interrupt(first)
      yield* stall.release
      assert.isTrue((yield* Fiber.join(third)).replayed)
    }))

  test("without a key, stops what has not reached its commit, and not what has", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const loading = yield* stalled("sessions.load")
      const early = yield* begin(sessions.update(caller, { id, input: { externalRef: "early" } }))
      yield* loading.arrived
      yield* Fiber.interrupt(early)

      const committing = yield* stalled("sessions.commit")
      const late = yield* begin(sessions.update(caller, { id, input: { metadata: { late: true } } }))
      yield* committing.arrived
      const going = yield* begin(Fiber.interrupt(late))
      yield* committing.release
      yield* Fiber.join(going)
      const { externalRef, metadata } = yield* sessions.get(caller, id)
      assert.deepStrictEqual({ externalRef, metadata }, { externalRef: null, metadata: { late: true } })
    }))
})

overEngines("duplicates that wait for a run", ({ test }) => {
  test("share its refusal: the store is asked once", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const faults = yield* Faults.Faults
      const request = { id: makeId("ses", 404), input: {}, idempotencyKey: "k" }
      const stall = yield* stalled("sessions.load")
      const before = yield* faults.calls("sessions.load")
      const requests = [
        yield* begin(refusal(sessions.update(caller, request))),
        yield* begin(refusal(sessions.update(caller, request))),
        yield* begin(refusal(sessions.update(caller, request)))
      ]
      yield* stall.arrived
      yield* stall.release
      for (const one of requests) assert.strictEqual(yield* Fiber.join(one), "NotFound not_found")
      assert.strictEqual((yield* faults.calls("sessions.load")) - before, 1)
    }))

  test("do not share an outage: they try for themselves", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const stall = yield* stalled("sessions.commit", Faults.refuse)
      const first = yield* begin(refusal(sessions.update(caller, request)))
      yield* stall.arrived
      const second = yield* begin(sessions.update(caller, request))
      const third = yield* begin(sessions.update(caller, request))
      yield* stall.release
      assert.strictEqual(yield* Fiber.join(first), "Unavailable unavailable")
      const outcomes = [yield* Fiber.join(second), yield* Fiber.join(third)]
      assert.strictEqual(outcomes.filter(({ replayed }) => replayed).length, 1)
      assert.strictEqual((yield* historyOf({ id })).events.length, 2)
    }))

  test("do not share a bug: they try for themselves", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const stall = yield* stalled("sessions.commit", Faults.crash)
      const first = yield* begin(Effect.exit(sessions.update(caller, request)))
      yield* stall.arrived
      const second = yield* begin(sessions.update(caller, request))
      yield* stall.release
      assert.isTrue(Exit.hasDies(yield* Fiber.join(first)))
      assert.isFalse((yield* Fiber.join(second)).replayed)
    }))

  test("wait for five seconds at most, and then are told that the key is in use", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const stall = yield* stalled("sessions.commit")
      const first = yield* begin(sessions.update(caller, request))
      yield* stall.arrived
      const same = yield* begin(refusal(sessions.update(caller, request)))
      const other = yield* begin(refusal(sessions.update(caller, { ...request, input: {} })))
      yield* TestClock.adjust(4_999)
      assert.isUndefined(same.pollUnsafe())
      assert.isUndefined(other.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* Fiber.join(same), "Conflict idempotency_key_in_use")
      assert.strictEqual(yield* Fiber.join(other), "Conflict idempotency_key_in_use")
      yield* stall.release
      assert.isFalse((yield* Fiber.join(first)).replayed)
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
    }))
})

overEngines("another request with a key that is in use", ({ test }) => {
  test("is a mismatch if the first one succeeds", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const [one, two] = [yield* create(), yield* create()]
      const request = { id: one.id, input: { externalRef: "a" }, idempotencyKey: "k" }
      const stall = yield* stalled("sessions.commit")
      const first = yield* begin(sessions.update(caller, request))
      yield* stall.arrived
      const others = [
        yield* begin(refusal(sessions.update(caller, { ...request, input: {} }))),
        yield* begin(refusal(sessions.update(caller, { ...request, id: two.id }))),
        yield* begin(refusal(sessions.redact(caller, request))),
        yield* begin(refusal(sessions.create(caller, { idempotencyKey: "k" })))
      ]
      for (const other of others) assert.isUndefined(other.pollUnsafe())
      yield* stall.release
      for (const other of others) assert.strictEqual(yield* Fiber.join(other), "Unprocessable idempotency_mismatch")
      assert.isFalse((yield* Fiber.join(first)).replayed)
      assert.deepStrictEqual(yield* sessions.get(caller, two.id), two)
    }))

  test("runs if the first one is refused", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const stall = yield* stalled("sessions.load")
      const request = { id: makeId("ses", 404), input: {}, idempotencyKey: "k" }
      const first = yield* begin(refusal(sessions.update(caller, request)))
      yield* stall.arrived
      const second = yield* begin(sessions.update(caller, { ...request, id }))
      yield* stall.release
      assert.strictEqual(yield* Fiber.join(first), "NotFound not_found")
      assert.isFalse((yield* Fiber.join(second)).replayed)
    }))

  test("of another tenant, or with another key, does not wait", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const [one, two] = [yield* create(), yield* create()]
      const stall = yield* stalled("sessions.commit")
      const first = yield* begin(
        sessions.update(caller, { id: one.id, input: { externalRef: "a" }, idempotencyKey: "k" })
      )
      yield* stall.arrived
      const stranger = { ...caller, environment: makeId("env", 2) }
      assert.isFalse((yield* sessions.create(stranger, { idempotencyKey: "k" })).replayed)
      const other = { id: two.id, input: { externalRef: "b" }, idempotencyKey: "another" }
      assert.isFalse((yield* sessions.update(caller, other)).replayed)
      yield* stall.release
      yield* Fiber.join(first)
    }))
})

overEngines("updates of one session that queue", ({ test }) => {
  test("wait for their turn for five seconds at most, and are then told to come again", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const stall = yield* stalled("sessions.commit")
      const first = yield* begin(sessions.update(caller, { id, input: { externalRef: "a" } }))
      yield* stall.arrived
      const second = yield* begin(refusal(sessions.update(caller, { id, input: { externalRef: "b" } })))
      yield* TestClock.adjust(5_000)
      assert.strictEqual(yield* Fiber.join(second), "Unavailable unavailable")
      yield* stall.release
      assert.strictEqual((yield* Fiber.join(first)).session.externalRef, "a")
      assert.strictEqual((yield* sessions.get(caller, id)).revision, 2)
    }))

  test("come in the order in which they asked", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const stall = yield* stalled("sessions.commit")
      const updates = yield* Effect.forEach([1, 2, 3, 4, 5], (n) =>
        begin(sessions.update(caller, { id, input: { metadata: { n } } }))
      )
      yield* stall.arrived
      yield* stall.release
      const revisions = yield* Effect.forEach(updates, (update) =>
        Effect.map(Fiber.join(update), ({ session }) => session.revision)
      )
      assert.deepStrictEqual(revisions, [2, 3, 4, 5, 6])
    }))
})

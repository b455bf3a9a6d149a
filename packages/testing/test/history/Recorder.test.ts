/** The recorder, the final state and the summary: what an embedder needs to have a history of their own checked. */
import { layerMemory, Sessions } from "@holdfast/core"
import type { Outcome } from "@holdfast/core"
import { assert, it } from "@effect/vitest"
import { check, Faults, finalState, layerOver, makeCaller, makeId, makeRecorder, summarize } from "@holdfast/testing"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"

const caller = makeCaller()
const layer = layerOver(Faults.layerFaulty(layerMemory))

it.effect("writes down what clients ask and are answered, and the store says what came of it", () =>
  Effect.gen(function* () {
    const recorder = yield* makeRecorder
    const faults = yield* Faults.Faults
    const sessions = recorder.recording(yield* Sessions)
    const gold = { metadata: { tier: "gold" } }

    const { session }: Outcome = yield* sessions.create(caller, {})
    const request = { id: session.id, input: gold, idempotencyKey: "k" }
    yield* faults.next("sessions.commit", Faults.refuse)
    yield* Effect.flip(sessions.update(caller, request))
    yield* TestClock.adjust("1 second")
    yield* sessions.update(caller, request)
    yield* sessions.update(caller, request)
    yield* Effect.flip(sessions.update(caller, { ...request, input: {} }))
    yield* sessions.redact(caller, { id: session.id, expectedRevision: 2 })

    const calls = yield* recorder.calls
    const final = yield* finalState(calls)
    assert.deepStrictEqual(check({ calls, final }), [])
    assert.deepStrictEqual(
      calls.map(({ answer, key, operation }) => [operation, key, answer.type === "failed" ? answer.code : answer.type]),
      [
        ["createSession", null, "ok"],
        ["updateSession", "k", "unknown"],
        ["updateSession", "k", "ok"],
        ["updateSession", "k", "ok"],
        ["updateSession", "k", "idempotency_mismatch"],
        ["redactSession", null, "ok"]
      ]
    )
    assert.deepInclude(calls[2], { sent: 1_000, input: gold, session: session.id })
    assert.deepStrictEqual(
      final.events.map(({ revision, type }) => [revision, type]),
      [
        [1, "session.created"],
        [2, "session.updated"],
        [3, "session.redacted"]
      ]
    )
    assert.deepStrictEqual(
      final.records.map(({ erased, key }) => [key, erased]),
      [["k", true]]
    )
    const figures = { calls: 6, keys: 1, ok: 4, replayed: 1, unknown: 1, failed: { idempotency_mismatch: 1 } }
    assert.deepInclude(summarize({ calls, final }), figures)
  }).pipe(Effect.provide(layer))
)

it.effect("knows nothing of a call that is under way, that was given up, or that met a bug", () =>
  Effect.gen(function* () {
    const recorder = yield* makeRecorder
    const faults = yield* Faults.Faults
    const sessions = recorder.recording(yield* Sessions)
    const stall = yield* Faults.makeStall()
    yield* faults.next("sessions.load", stall.fault, stall.fault, Faults.crash)
    const waiting = yield* Effect.forkChild(sessions.update(caller, { id: makeId("ses", 1), input: {} }), {
      startImmediately: true
    })
    const leaving = yield* Effect.forkChild(sessions.update(caller, { id: makeId("ses", 2), input: {} }), {
      startImmediately: true
    })
    yield* Fiber.interrupt(leaving)
    yield* Effect.exit(sessions.update(caller, { id: makeId("ses", 3), input: {} }))
    for (const { answer, answered } of yield* recorder.calls) {
      assert.strictEqual(answered, null)
      assert.deepStrictEqual(answer, { type: "unknown", reason: "no answer" })
    }
    yield* Fiber.interrupt(waiting)
  }).pipe(Effect.provide(layer))
)

it.effect("tells an answer from a request that was sent behind it, within one millisecond too", () =>
  Effect.gen(function* () {
    const recorder = yield* makeRecorder
    const sessions = recorder.recording(yield* Sessions)
    yield* sessions.create(caller, {})
    yield* sessions.create(caller, {})
    const [first, second] = yield* recorder.calls
    assert.isAbove(second?.sent ?? 0, first?.answered ?? Infinity)
  }).pipe(Effect.provide(layer))
)

/** A store that does not answer: what was asked of it is called off when nobody waits for it any more. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { callerFor } from "../../src/Caller.ts"
import { IdGenerator } from "../../src/IdGenerator.ts"
import { Keyring } from "../../src/Keyring.ts"
import { Sessions } from "../../src/Sessions.ts"
import { layerMemory } from "../../src/store/MemoryStore.ts"
import { SessionStore } from "../../src/store/SessionStore.ts"
import { organization, sessionId } from "../StoreFixtures.ts"

const caller = callerFor(organization, "live")

/** Sessions over a store whose loads never end, and how many of them there are. */
const build = Effect.gen(function* () {
  const loads = { begun: 0, calledOff: 0 }
  const load = Effect.suspend(() => {
    loads.begun++
    return Effect.onInterrupt(Effect.never, () => Effect.sync(() => loads.calledOff++))
  })
  const store = Layer.effect(
    SessionStore,
    Effect.map(SessionStore, (memory) => SessionStore.of({ ...memory, load: () => load }))
  )
  const layer = Sessions.layer.pipe(
    Layer.provide(Layer.provide(store, layerMemory)),
    Layer.provide(Keyring.layer({ secret: Redacted.make("the first secret of these tests, 32 bytes") })),
    Layer.provide(IdGenerator.layer)
  )
  return { loads, sessions: yield* Effect.provide(Sessions, yield* Layer.build(layer)) }
})

const request = { id: sessionId(1), input: {} }
const begin = Effect.forkChild({ startImmediately: true })

describe("a load that does not end", () => {
  for (const idempotencyKey of [null, "k"]) {
    it.effect(`is called off after five seconds, ${idempotencyKey === null ? "without" : "with"} a key`, () =>
      Effect.gen(function* () {
        const { loads, sessions } = yield* build
        const update = yield* begin(Effect.flip(sessions.update(caller, { ...request, idempotencyKey })))
        yield* TestClock.adjust("4999 millis")
        assert.deepStrictEqual(loads, { begun: 1, calledOff: 0 })
        yield* TestClock.adjust("1 millis")
        assert.strictEqual((yield* Fiber.join(update))._tag, "Unavailable")
        assert.deepStrictEqual(loads, { begun: 1, calledOff: 1 })
      })
    )
  }

  it.effect("is called off with its client when there is no key", () =>
    Effect.gen(function* () {
      const { loads, sessions } = yield* build
      const update = yield* begin(sessions.update(caller, request))
      yield* Fiber.interrupt(update)
      assert.deepStrictEqual(loads, { begun: 1, calledOff: 1 })
    })
  )

  it.effect("goes on without its client when there is one", () =>
    Effect.gen(function* () {
      const { loads, sessions } = yield* build
      const update = yield* begin(sessions.update(caller, { ...request, idempotencyKey: "k" }))
      yield* Fiber.interrupt(update)
      assert.deepStrictEqual(loads, { begun: 1, calledOff: 0 })
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(loads, { begun: 1, calledOff: 1 })
    })
  )
})

/** What an idempotency key belongs to, and for how long (contract §6). */
import { Keyring, Sessions } from "@holdfast/core"
import { assert, describe, it } from "@effect/vitest"
import { layerKeyring, layerTest, makeCaller, testSecret } from "@holdfast/testing"
import { Context, Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { anotherProcess, caller, create, historyOf, overEngines, refusal } from "../support.ts"

const mismatch = "Unprocessable idempotency_mismatch"

overEngines("a key that was used", ({ test }) => {
  test("for another session is a mismatch: nothing is done, and nothing of the first request is shown", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const [one, two] = [yield* create(), yield* create()]
      const input = { metadata: { secret: "of one" } }
      yield* sessions.update(caller, { id: one.id, input, idempotencyKey: "k" })
      const history = yield* historyOf(two)

      const error = yield* Effect.flip(sessions.update(caller, { id: two.id, input, idempotencyKey: "k" }))
      assert.deepInclude(error, { _tag: "Unprocessable", code: "idempotency_mismatch", issues: [] })
      assert.notInclude(JSON.stringify(error) + error.message, "of one")
      assert.notInclude(JSON.stringify(error) + error.message, one.id)
      assert.deepStrictEqual(yield* sessions.get(caller, two.id), two)
      assert.deepStrictEqual(yield* historyOf(two), history)
    }))

  test("for another operation is a mismatch", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      yield* sessions.update(caller, { id, input: {}, idempotencyKey: "k" })
      assert.strictEqual(yield* refusal(sessions.redact(caller, { id, idempotencyKey: "k" })), mismatch)
      assert.strictEqual(yield* refusal(sessions.create(caller, { input: {}, idempotencyKey: "k" })), mismatch)
      assert.strictEqual((yield* sessions.get(caller, id)).retentionStatus, "active")
      assert.strictEqual((yield* sessions.list(caller)).edges.length, 1)
    }))

  test("for another input is a mismatch: another value, null for absent, another expected revision", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const session = yield* create()
      const update = (input: object) => sessions.update(caller, { id: session.id, input, idempotencyKey: "k" })
      yield* update({ metadata: { a: 1 } })
      const after = yield* sessions.get(caller, session.id)
      const others = [
        {},
        { metadata: {} },
        { metadata: { a: "1" } },
        { metadata: { a: [1] } },
        { metadata: { a: 1, b: null } },
        { metadata: { a: 1 }, externalRef: null },
        { metadata: { a: 1 }, expectedRevision: 2 }
      ]
      for (const other of others) assert.strictEqual(yield* refusal(update(other)), mismatch)
      assert.deepStrictEqual(yield* sessions.get(caller, session.id), after)
    }))

  test("by a request that was refused is free", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const wrong = sessions.update(caller, { id, input: { expectedRevision: 7 }, idempotencyKey: "k" })
      assert.strictEqual(yield* refusal(wrong), "Conflict revision_mismatch")
      assert.isFalse(
        (yield* sessions.update(caller, { id, input: { externalRef: "a" }, idempotencyKey: "k" })).replayed
      )
    }))

  test("in another organization or environment is another key", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { organization } = makeCaller()
      const others = [
        makeCaller({ environment: "env_00000000000000000000000002" as typeof caller.environment }),
        makeCaller({ organization: `${organization}-2` as typeof organization })
      ]
      const request = { input: { externalRef: "a" }, idempotencyKey: "k" }
      const first = yield* sessions.create(caller, request)
      for (const other of others) {
        const outcome = yield* sessions.create(other, { ...request, input: { externalRef: "b" } })
        assert.isFalse(outcome.replayed)
        assert.notStrictEqual(outcome.session.id, first.session.id)
      }
      assert.isTrue((yield* sessions.create(caller, request)).replayed)
    }))
})

const day = 24 * 60 * 60_000

overEngines("a key is kept for 24 hours from the first success", ({ test }) => {
  const after = Effect.fnUntraced(function* (millis: number) {
    const sessions = yield* Sessions
    yield* TestClock.adjust("3 hours")
    const { id } = yield* create()
    const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
    yield* sessions.update(caller, request)
    yield* TestClock.adjust("1 hour")
    yield* sessions.update(caller, request)
    yield* TestClock.adjust(millis - 3_600_000)
    return { id, request, sessions }
  })

  test("a millisecond earlier a retry is a replay, and another request a mismatch", () =>
    Effect.gen(function* () {
      const { id, request, sessions } = yield* after(day - 1)
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
      const other = sessions.update(caller, { ...request, input: { externalRef: "b" } })
      assert.strictEqual(yield* refusal(other), mismatch)
      assert.strictEqual((yield* sessions.get(caller, id)).externalRef, "a")
    }))

  for (const late of [0, 1]) {
    test(`${late} ms after that it is used afresh, and kept for another day`, () =>
      Effect.gen(function* () {
        const { request, sessions } = yield* after(day + late)
        const other = { ...request, input: { externalRef: "b" } }
        assert.isFalse((yield* sessions.update(caller, other)).replayed)
        assert.strictEqual(yield* refusal(sessions.update(caller, request)), mismatch)
        yield* TestClock.adjust(day - 1)
        assert.isTrue((yield* sessions.update(caller, other)).replayed)
      }))
  }

  test("a replay does not make it live longer", () =>
    Effect.gen(function* () {
      const { request, sessions } = yield* after(day - 1)
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
      yield* TestClock.adjust(1)
      assert.isFalse((yield* sessions.update(caller, request)).replayed)
    }))
})

describe("a key is 1 to 255 visible ASCII characters", () => {
  it.layer(layerTest)((it) => {
    it.effect("any other is a bad request", () =>
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const { id } = yield* create()
        for (const idempotencyKey of ["", " ", "a b", "é", "\u007f", "a\n", "\u0000", "k".repeat(256), "👍"]) {
          for (const call of [
            sessions.update(caller, { id, input: {}, idempotencyKey }),
            sessions.redact(caller, { id, idempotencyKey }),
            sessions.create(caller, { idempotencyKey })
          ]) {
            assert.strictEqual(yield* refusal(call), "BadRequest invalid_idempotency_key")
          }
        }
        for (const idempotencyKey of ["!", "~", '"', "k".repeat(255)]) {
          assert.isFalse((yield* sessions.update(caller, { id, input: {}, idempotencyKey })).replayed)
        }
        assert.isFalse((yield* sessions.update(caller, { id, input: {}, idempotencyKey: null })).replayed)
      })
    )
  })
})

overEngines("another server secret", ({ test }) => {
  const rotated = Layer.orDie(
    Keyring.layer({ secret: Redacted.make("the secret that came after the first one"), previous: [testSecret] })
  )

  test("fails no retry, and shows the same capture URL", () =>
    Effect.gen(function* () {
      const before = yield* Sessions
      const request = { input: { externalRef: "a" }, idempotencyKey: "create" }
      const first = yield* before.create(caller, request)
      const update = { id: first.session.id, input: { metadata: { a: 1 } }, idempotencyKey: "update" }
      yield* before.update(caller, update)

      const after = Context.get(yield* anotherProcess({ keyring: rotated }), Sessions)
      const again = yield* after.create(caller, request)
      assert.deepStrictEqual(again, { ...first, replayed: true })
      assert.strictEqual(after.captureUrl(again.session), before.captureUrl(first.session))
      assert.isTrue((yield* after.update(caller, update)).replayed)
      const other = after.update(caller, { ...update, input: { metadata: { a: 2 } } })
      assert.strictEqual(yield* refusal(other), mismatch)
    }))

  test("makes records that a process with the old one alone never runs again", () =>
    Effect.gen(function* () {
      const after = Context.get(yield* anotherProcess({ keyring: rotated }), Sessions)
      const { id } = yield* create()
      const update = { id, input: { metadata: { a: 1 } }, idempotencyKey: "update" }
      yield* after.update(caller, update)
      // A process that was not restarted yet does not know the secret: it must not run the request again, and cannot tell
      // whether it is another one. A retry finds a process that can.
      const before = Context.get(yield* anotherProcess({ keyring: layerKeyring }), Sessions)
      assert.strictEqual(yield* refusal(before.update(caller, update)), "Unavailable unavailable")
    }))

  test("ends no list: its cursors stay good", () =>
    Effect.gen(function* () {
      const before = yield* Sessions
      yield* create()
      yield* create()
      const page = yield* before.list(caller, { first: 1 })
      const after = Context.get(yield* anotherProcess({ keyring: rotated }), Sessions)
      const next = yield* after.list(caller, { first: 1, after: page.edges[0]?.cursor })
      assert.strictEqual(next.edges.length, 1)
      assert.notStrictEqual(next.edges[0]?.session.id, page.edges[0]?.session.id)
    }))
})

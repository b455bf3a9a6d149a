/** What an update does, and what it leaves alone (contract §4). */
import { canonical, Sessions } from "@holdfast/core"
import type { UpdateSessionInput } from "@holdfast/core"
import { assert, it } from "@effect/vitest"
import { Arbitraries, layerTest } from "@holdfast/testing"
import { DateTime, Effect } from "effect"
import { TestClock } from "effect/testing"
import { caller, create, historyOf, overEngines, refusal } from "../support.ts"

overEngines("an update", ({ test }) => {
  test("merges metadata by key: what is sent replaces, what is not sent stays, null removes", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create({ kept: { a: 1 }, replaced: { a: 1, b: 2 }, removed: true })
      const { replayed, session } = yield* sessions.update(caller, {
        id,
        input: { metadata: { replaced: { b: null }, removed: null, added: [], absent: null } }
      })
      assert.isFalse(replayed)
      assert.deepStrictEqual(session.metadata, { kept: { a: 1 }, replaced: { b: null }, added: [] })
      assert.deepStrictEqual((yield* sessions.get(caller, id)).metadata, session.metadata)
    }))

  test("replaces the external reference, keeps it, or clears it", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const after = (input: UpdateSessionInput) =>
        Effect.map(sessions.update(caller, { id, input }), ({ session }) => session.externalRef)
      assert.strictEqual(yield* after({ externalRef: "user-42" }), "user-42")
      assert.strictEqual(yield* after({ metadata: { a: 1 } }), "user-42")
      assert.strictEqual(yield* after({ externalRef: "" }), "")
      assert.strictEqual(yield* after({ externalRef: null }), null)
    }))

  test("takes one revision and says when", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const before = yield* create()
      yield* TestClock.adjust("5 minutes")
      const { session } = yield* sessions.update(caller, { id: before.id, input: { externalRef: "a" } })
      assert.strictEqual(session.revision, 2)
      assert.strictEqual(DateTime.toEpochMillis(session.updatedAt), 5 * 60_000)
      assert.deepStrictEqual(
        { ...session, revision: 1, externalRef: null, updatedAt: before.updatedAt },
        { ...before, updatedAt: before.updatedAt }
      )
    }))

  test("keeps values as they were sent, and −0 as 0", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const metadata = {
        minus: -0,
        big: 1.7976931348623157e308,
        small: 5e-324,
        empty: "",
        text: "𝒳 👍🏽 \u2028",
        deep: [[null]]
      }
      const { session } = yield* sessions.update(caller, { id, input: { metadata } })
      for (const found of [session.metadata, (yield* sessions.get(caller, id)).metadata]) {
        assert.deepStrictEqual(found, { ...metadata, minus: 0 })
        assert.isTrue(Object.is(found["minus"], 0))
      }
    }))

  test("that changes nothing leaves revision, time, events and audit trail alone", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const before = yield* create({ a: { x: 1, y: [0] }, b: "text" })
      const history = yield* historyOf(before)
      yield* TestClock.adjust("1 minute")
      const inputs: ReadonlyArray<UpdateSessionInput> = [
        {},
        { metadata: {} },
        { externalRef: null },
        { metadata: { a: { y: [-0], x: 1 }, b: "text", absent: null } }
      ]
      for (const input of inputs) {
        const { replayed, session } = yield* sessions.update(caller, { id: before.id, input })
        assert.isFalse(replayed)
        assert.strictEqual(canonical(session.metadata), canonical(before.metadata))
        assert.strictEqual(session.revision, 1)
        assert.deepStrictEqual(session.updatedAt, before.updatedAt)
      }
      assert.deepStrictEqual(yield* historyOf(before), history)
    }))

  test("that changes nothing stores its outcome when it has a key", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create({ a: 1 })
      const request = { id, input: { metadata: { a: 1 } }, idempotencyKey: "k" }
      assert.isFalse((yield* sessions.update(caller, request)).replayed)
      yield* sessions.update(caller, { id, input: { metadata: { a: 2 } } })

      const again = yield* sessions.update(caller, request)
      assert.isTrue(again.replayed)
      assert.strictEqual(again.session.revision, 1)
      assert.deepStrictEqual((yield* sessions.get(caller, id)).metadata, { a: 2 })
      const { audit, events } = yield* historyOf({ id })
      assert.deepStrictEqual(
        events.map(({ type }) => type),
        ["session.created", "session.updated"]
      )
      assert.strictEqual(audit.length, 3)
    }))

  test("of another revision than expected is refused, and says which one there is", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const update = (expectedRevision: number | null, externalRef: string) =>
        sessions.update(caller, { id, input: { externalRef, expectedRevision } })
      assert.strictEqual((yield* update(1, "a")).session.revision, 2)
      const error = yield* Effect.flip(update(1, "b"))
      assert.deepInclude(error, { _tag: "Conflict", code: "revision_mismatch", currentRevision: 2 })
      assert.strictEqual((yield* update(2, "b")).session.revision, 3)
      assert.strictEqual((yield* update(null, "c")).session.revision, 4)
      // Even one that would change nothing.
      assert.strictEqual(yield* refusal(update(3, "c")), "Conflict revision_mismatch")
    }))

  test("that is refused leaves no trace, and its key stays free", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const session = yield* create({ a: 1 })
      const history = yield* historyOf(session)
      const update = (input: UpdateSessionInput) =>
        sessions.update(caller, { id: session.id, input, idempotencyKey: "k" })
      assert.strictEqual(yield* refusal(update({ expectedRevision: 9 })), "Conflict revision_mismatch")
      assert.strictEqual(yield* refusal(update({ metadata: { "": 1 } })), "Unprocessable validation_failed")
      const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, n]))
      assert.strictEqual(yield* refusal(update({ metadata: many })), "Unprocessable validation_failed")
      assert.deepStrictEqual(yield* historyOf(session), history)
      assert.deepStrictEqual(yield* sessions.get(caller, session.id), session)
      assert.isFalse((yield* update({ metadata: { b: 2 } })).replayed)
    }))
})

it.layer(layerTest)("for any metadata and any patch", (it) => {
  it.effect.prop(
    "the stored map is the merge, and a second time changes nothing",
    [Arbitraries.metadata, Arbitraries.metadataPatch],
    ([metadata, patch]) =>
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const { id } = yield* create(metadata)
        const { session } = yield* sessions.update(caller, { id, input: { metadata: patch } })
        const expected = Object.fromEntries(
          Object.entries({ ...metadata, ...patch }).filter(([, value]) => value !== null)
        )
        assert.strictEqual(canonical(session.metadata), canonical(expected))
        const again = yield* sessions.update(caller, { id, input: { metadata: patch } })
        assert.strictEqual(again.session.revision, session.revision)
      })
  )

  it.effect.prop(
    "the retry of any update answers as the first time, whatever happened since",
    [Arbitraries.updateSessionInput, Arbitraries.updateSessionInput, Arbitraries.idempotencyKey],
    ([input, later, idempotencyKey]) =>
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const { id } = yield* create({ a: 1 })
        // The same key may come up twice among the samples: each run has its own by the session's id.
        const request = { id, input, idempotencyKey: `${id}${idempotencyKey}` }
        const first = yield* sessions.update(caller, request)
        yield* sessions.update(caller, { id, input: later })
        const now = yield* sessions.get(caller, id)
        const again = yield* sessions.update(caller, request)
        assert.deepStrictEqual(JSON.stringify({ ...again, replayed: false }), JSON.stringify(first))
        assert.isTrue(again.replayed)
        assert.deepStrictEqual(yield* sessions.get(caller, id), now)
      })
  )

  it.effect.prop(
    "what is hostile is refused by its own code, and nothing of it is stored",
    [Arbitraries.hostileJson],
    ([hostile]) =>
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const session = yield* create({ a: 1 })
        const metadata = { hostile: hostile.value } as NonNullable<UpdateSessionInput["metadata"]>
        const error = yield* Effect.flip(sessions.update(caller, { id: session.id, input: { metadata } }))
        assert.strictEqual(error.code, "validation_failed")
        assert.deepStrictEqual("issues" in error ? error.issues.map(({ code }) => code) : [], [hostile.code])
        assert.deepStrictEqual(yield* sessions.get(caller, session.id), session)
      })
  )
})

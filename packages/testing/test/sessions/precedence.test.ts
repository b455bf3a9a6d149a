/**
 * Which answer a request gets that is wrong in several ways: the checks follow each other in the order of contract §4, from
 * the syntax of the idempotency key down to the rules on the merged result.
 */
import { Sessions } from "@holdfast/core"
import type { Caller, ChangeError, NotFound } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { makeId } from "@holdfast/testing"
import { Effect } from "effect"
import { caller, create, overEngines, refusal } from "../support.ts"

const badKey = "not a key"
const noScope: Caller = { ...caller, scopes: new Set() }
const badInput = { metadata: { "": 1 } }
const tooMany = { metadata: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, n])) }
const unknown = makeId("ses", 999)

overEngines("of two faults the answer names", ({ test }) => {
  test("the key's syntax before the scope", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const request = { id: unknown, input: badInput, idempotencyKey: badKey }
      assert.strictEqual(yield* refusal(sessions.update(noScope, request)), "BadRequest invalid_idempotency_key")
      assert.strictEqual(yield* refusal(sessions.redact(noScope, request)), "BadRequest invalid_idempotency_key")
      assert.strictEqual(yield* refusal(sessions.create(noScope, request)), "BadRequest invalid_idempotency_key")
    }))

  test("the scope before the rules on the input, and before existence", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const forbidden = "Forbidden insufficient_scope"
      assert.strictEqual(yield* refusal(sessions.update(noScope, { id: "nonsense", input: badInput })), forbidden)
      assert.strictEqual(yield* refusal(sessions.redact(noScope, { id: unknown })), forbidden)
      assert.strictEqual(yield* refusal(sessions.create(noScope, { input: badInput })), forbidden)
      assert.strictEqual(yield* refusal(sessions.get(noScope, "nonsense")), forbidden)
      assert.strictEqual(yield* refusal(sessions.list(noScope, { first: 1_000 })), forbidden)
      assert.strictEqual(yield* refusal(sessions.page(noScope, { limit: 1_000 })), forbidden)
    }))

  test("the scope that is lacking, by name", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const calls: ReadonlyArray<Effect.Effect<unknown, ChangeError | NotFound>> = [
        sessions.create(noScope, {}),
        sessions.get(noScope, unknown),
        sessions.list(noScope),
        sessions.update(noScope, { id: unknown, input: {} }),
        sessions.redact(noScope, { id: unknown })
      ]
      const errors = yield* Effect.forEach(calls, Effect.flip)
      assert.deepStrictEqual(
        errors.map((error) => error._tag === "Forbidden" && error.requiredScope),
        ["sessions:create", "sessions:read", "sessions:read", "sessions:write", "redact:write"]
      )
    }))

  test("the rules on the input before a stored outcome, and before existence", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      yield* sessions.update(caller, { id, input: {}, idempotencyKey: "k" })
      const invalid = "Unprocessable validation_failed"
      assert.strictEqual(yield* refusal(sessions.update(caller, { id, input: badInput, idempotencyKey: "k" })), invalid)
      assert.strictEqual(yield* refusal(sessions.update(caller, { id: unknown, input: badInput })), invalid)
      assert.strictEqual(yield* refusal(sessions.create(caller, { input: badInput, idempotencyKey: "k" })), invalid)
    }))

  test("a stored outcome before existence", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      yield* sessions.update(caller, { id, input: {}, idempotencyKey: "k" })
      const request = { id: unknown, input: {}, idempotencyKey: "k" }
      assert.strictEqual(yield* refusal(sessions.update(caller, request)), "Unprocessable idempotency_mismatch")
      assert.strictEqual(yield* refusal(sessions.update(caller, { id: unknown, input: {} })), "NotFound not_found")
    }))

  test("a stored outcome before redaction, revision and the rules on the result", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const [one, two] = [yield* create(), yield* create()]
      yield* sessions.update(caller, { id: one.id, input: {}, idempotencyKey: "k" })
      yield* sessions.redact(caller, { id: two.id })
      const mismatch = "Unprocessable idempotency_mismatch"
      const requests = [
        { id: two.id, input: {}, idempotencyKey: "k" },
        { id: one.id, input: { expectedRevision: 9 }, idempotencyKey: "k" },
        { id: one.id, input: tooMany, idempotencyKey: "k" }
      ]
      for (const request of requests) assert.strictEqual(yield* refusal(sessions.update(caller, request)), mismatch)
      // And a replay is an answer, whatever the session is at now.
      const request = { id: one.id, input: { externalRef: "a", expectedRevision: 1 }, idempotencyKey: "k2" }
      yield* sessions.update(caller, request)
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
    }))

  test("redaction before the revision", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      yield* sessions.redact(caller, { id })
      const update = sessions.update(caller, { id, input: { ...tooMany, expectedRevision: 9 } })
      assert.strictEqual(yield* refusal(update), "Unprocessable session_redacted")
    }))

  test("the revision before the rules on the result", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create({ a: 1 })
      const update = (expectedRevision: number) =>
        sessions.update(caller, { id, input: { ...tooMany, expectedRevision } })
      assert.strictEqual(yield* refusal(update(9)), "Conflict revision_mismatch")
      assert.strictEqual(yield* refusal(update(1)), "Unprocessable validation_failed")
    }))

  test("every rule on the input at once, and only then every rule on the result", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`old${n}`, n])))
      const issues = (input: object) =>
        Effect.map(Effect.flip(sessions.update(caller, { id, input })), (error) =>
          "issues" in error ? error.issues.map(({ code, path }) => `${path.join(".")}: ${code}`).toSorted() : []
        )
      const input = { externalRef: 7, status: "completed", metadata: { "": 1, new: "x".repeat(16_384) } }
      assert.deepStrictEqual(yield* issues(input), [
        "externalRef: wrong_type",
        "metadata.: empty_key",
        "metadata.new: too_large",
        "status: immutable_field"
      ])
      assert.deepStrictEqual(yield* issues({ metadata: { new: 1 } }), ["metadata: too_many_keys"])
    }))
})

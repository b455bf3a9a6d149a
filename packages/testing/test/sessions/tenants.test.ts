/** Two organizations, or the two environments of one, cannot see each other through any method (contract §1). */
import { Sessions } from "@holdfast/core"
import type { ChangeError, NotFound } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { makeId, provision } from "@holdfast/testing"
import { Effect } from "effect"
import { historyOf, overEngines, refusal } from "../support.ts"

overEngines("a session of another", ({ test }) => {
  const strangers = [
    ["organization", { organization: "globex" }],
    ["environment", { environment: "live" }]
  ] as const

  for (const [what, key] of strangers) {
    test(`${what} does not exist: not to read, not to change, not to list`, () =>
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const { caller: owner } = yield* provision()
        const { caller: stranger } = yield* provision(key)
        const { session } = yield* sessions.create(owner, { input: { externalRef: "mine" }, idempotencyKey: "k" })
        const { id } = session

        const missing = yield* Effect.flip(sessions.get(stranger, makeId("ses", 404)))
        const answers: ReadonlyArray<Effect.Effect<unknown, ChangeError | NotFound>> = [
          sessions.get(stranger, id),
          sessions.update(stranger, { id, input: { externalRef: "theirs" } }),
          sessions.update(stranger, { id, input: { expectedRevision: 9 }, idempotencyKey: "k" }),
          sessions.redact(stranger, { id }),
          sessions.redact(stranger, { id, idempotencyKey: "k" })
        ]
        for (const answer of answers) {
          const error = yield* Effect.flip(answer)
          assert.strictEqual(error._tag, "NotFound")
          assert.deepStrictEqual([error.code, error.message], [missing.code, missing.message])
        }
        assert.deepStrictEqual((yield* sessions.list(stranger)).edges, [])
        assert.deepStrictEqual((yield* sessions.list(stranger, { externalRef: "mine" })).edges, [])
        assert.deepStrictEqual((yield* sessions.list(stranger, { status: "pending" })).edges, [])
        assert.strictEqual((yield* sessions.page(stranger)).total, 0)
        assert.strictEqual((yield* sessions.page(stranger, { q: id })).total, 0)

        const made = yield* sessions.create(stranger, { input: { externalRef: "theirs" }, idempotencyKey: "k" })
        assert.isFalse(made.replayed)
        assert.deepStrictEqual(yield* sessions.get(owner, id), session)
        assert.strictEqual((yield* sessions.list(owner)).edges.length, 1)
        assert.strictEqual((yield* historyOf({ id: made.session.id })).events.length, 0)
      }))

    test(`${what} cannot be reached by its cursors`, () =>
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const { caller: owner } = yield* provision()
        const { caller: stranger } = yield* provision(key)
        yield* sessions.create(owner, {})
        yield* sessions.create(stranger, {})
        const cursor = (yield* sessions.list(owner)).edges[0]?.cursor
        for (const page of [{ after: cursor }, { before: cursor }]) {
          assert.strictEqual(yield* refusal(sessions.list(stranger, page)), "Unprocessable validation_failed")
        }
      }))
  }

  test("environment says which one it is", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const sandbox = yield* provision()
      const live = yield* provision({ environment: "live" })
      const [one, two] = [yield* sessions.create(sandbox.caller, {}), yield* sessions.create(live.caller, {})]
      assert.deepInclude(one.session, { isSandbox: true, environment: sandbox.organization.sandbox })
      assert.deepInclude(two.session, { isSandbox: false, environment: live.organization.live })
    }))

  test("kind of id does not exist, and is not looked up", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { caller } = yield* provision()
      const { session } = yield* sessions.create(caller, {})
      for (const id of ["", "ses_", "nonsense", makeId("evt", 1), session.id.toUpperCase(), `${session.id} `]) {
        assert.strictEqual(yield* refusal(sessions.get(caller, id)), "NotFound not_found")
        assert.strictEqual(yield* refusal(sessions.update(caller, { id, input: {} })), "NotFound not_found")
        assert.strictEqual(yield* refusal(sessions.redact(caller, { id })), "NotFound not_found")
      }
    }))
})

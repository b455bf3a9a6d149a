/** What redaction erases, what it leaves, and what a retry is told afterwards (contract §6, §9). */
import { Sessions, SessionStore } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { caller, create, historyOf, overEngines, refusal } from "../support.ts"

const redacted = "Unprocessable session_redacted"
const mismatch = "Unprocessable idempotency_mismatch"

overEngines("a redaction", ({ test }) => {
  test("erases the personal data and leaves status, times and ids", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { session: before } = yield* sessions.create(caller, {
        input: {
          externalRef: "ada",
          metadata: { name: "Ada" },
          tags: ["vip"],
          country: "NZ",
          workflowId: "w1",
          redirectUrl: "https://example.com/ada"
        }
      })
      yield* TestClock.adjust("1 minute")
      const { alreadyRedacted, replayed, session } = yield* sessions.redact(caller, { id: before.id })
      assert.isFalse(alreadyRedacted)
      assert.isFalse(replayed)
      assert.deepStrictEqual(session, {
        ...before,
        externalRef: null,
        metadata: {},
        tags: [],
        redirectUrl: null,
        retentionStatus: "redacted",
        revision: 2,
        updatedAt: session.updatedAt
      })
      assert.isNull(sessions.captureUrl(session))
      assert.deepStrictEqual(JSON.stringify(yield* sessions.get(caller, before.id)), JSON.stringify(session))
    }))

  test("done again succeeds, changes nothing and says so", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create({ name: "Ada" })
      const first = yield* sessions.redact(caller, { id })
      const history = yield* historyOf({ id })
      const again = yield* sessions.redact(caller, { id })
      assert.isTrue(again.alreadyRedacted)
      assert.isFalse(again.replayed)
      assert.strictEqual(again.session.revision, first.session.revision)
      assert.deepStrictEqual(yield* historyOf({ id }), history)
    }))

  test("retried with its key answers as the first time: not yet redacted then", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create({ name: "Ada" })
      const first = yield* sessions.redact(caller, { id, idempotencyKey: "r1" })
      assert.deepStrictEqual(yield* sessions.redact(caller, { id, idempotencyKey: "r1" }), { ...first, replayed: true })
      // A second redaction has a key of its own, and its own replay.
      const second = yield* sessions.redact(caller, { id, idempotencyKey: "r2" })
      assert.deepInclude(second, { alreadyRedacted: true, replayed: false })
      const again = yield* sessions.redact(caller, { id, idempotencyKey: "r2" })
      assert.deepInclude(again, { alreadyRedacted: true, replayed: true })
      assert.isFalse((yield* sessions.redact(caller, { id, idempotencyKey: "r1" })).alreadyRedacted)
    }))

  test("makes a tombstone of an update's outcome: its retry is told, and another use is a mismatch", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const [{ id }, other] = [yield* create(), yield* create()]
      const request = { id, input: { metadata: { name: "Ada" } }, idempotencyKey: "k" }
      yield* sessions.update(caller, request)
      yield* sessions.redact(caller, { id })
      assert.strictEqual(yield* refusal(sessions.update(caller, request)), redacted)
      // The fingerprint is gone: any update of this session with this key is answered alike.
      assert.strictEqual(yield* refusal(sessions.update(caller, { ...request, input: {} })), redacted)
      assert.strictEqual(yield* refusal(sessions.update(caller, { ...request, id: other.id })), mismatch)
      assert.strictEqual(yield* refusal(sessions.redact(caller, { id, idempotencyKey: "k" })), mismatch)
      assert.strictEqual(yield* refusal(sessions.create(caller, { idempotencyKey: "k" })), mismatch)
    }))

  test("makes a tombstone of the creation's outcome: its retry is told and creates nothing", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const request = { input: { externalRef: "ada" }, idempotencyKey: "k" }
      const { session } = yield* sessions.create(caller, request)
      yield* sessions.redact(caller, { id: session.id })
      assert.strictEqual(yield* refusal(sessions.create(caller, request)), redacted)
      const use = sessions.update(caller, { id: session.id, input: {}, idempotencyKey: "k" })
      assert.strictEqual(yield* refusal(use), mismatch)
      assert.strictEqual((yield* sessions.list(caller)).edges.length, 1)
    }))

  test("leaves tombstones that expire like any record", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const request = { input: { externalRef: "ada" }, idempotencyKey: "k" }
      const { session } = yield* sessions.create(caller, request)
      yield* sessions.redact(caller, { id: session.id })
      yield* TestClock.adjust("24 hours")
      const again = yield* sessions.create(caller, request)
      assert.isFalse(again.replayed)
      assert.notStrictEqual(again.session.id, session.id)
    }))

  test("leaves the outcomes of other sessions alone", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const [one, two] = [yield* create(), yield* create()]
      const request = { id: two.id, input: { metadata: { a: 1 } }, idempotencyKey: "k" }
      yield* sessions.update(caller, request)
      yield* sessions.redact(caller, { id: one.id })
      assert.isTrue((yield* sessions.update(caller, request)).replayed)
    }))

  test("ends every other change, with a new key or without", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      yield* sessions.redact(caller, { id })
      const history = yield* historyOf({ id })
      for (const idempotencyKey of [null, "new"]) {
        assert.strictEqual(yield* refusal(sessions.update(caller, { id, input: {}, idempotencyKey })), redacted)
      }
      assert.deepStrictEqual(yield* historyOf({ id }), history)
    }))

  test("leaves no outcome behind of updates that run beside it", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const store = yield* SessionStore
      const { id } = yield* create()
      const request = (n: number) => ({ id, input: { metadata: { name: "Ada", n } }, idempotencyKey: `k${n}` })
      const updates = Array.from({ length: 40 }, (_, n) => Effect.exit(sessions.update(caller, request(n))))
      yield* Effect.all([...updates.slice(0, 20), sessions.redact(caller, { id }), ...updates.slice(20)], {
        concurrency: "unbounded"
      })
      const { metadata, retentionStatus } = yield* sessions.get(caller, id)
      assert.deepStrictEqual({ metadata, retentionStatus }, { metadata: {}, retentionStatus: "redacted" })
      for (let n = 0; n < 40; n++) assert.strictEqual(yield* refusal(sessions.update(caller, request(n))), redacted)
      assert.notInclude(JSON.stringify(yield* store.history(caller, id)), "Ada")
    }))
})

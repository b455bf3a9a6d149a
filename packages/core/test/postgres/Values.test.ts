/** What PostgreSQL keeps of a value, and what is said of one that is broken. */
import { execute } from "@holdfast/tool-postgres"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Result } from "effect"
import { inspect } from "node:util"
import type { IdempotencyKey } from "../../src/domain/Idempotency.ts"
import type { Tenant } from "../../src/domain/Tenant.ts"
import { StoreError } from "../../src/store/SessionStore.ts"
import { anApiKey, makeCommit, makeSession, now, sessionId, tenant } from "../StoreFixtures.ts"
import { emptyDatabase, open } from "./database.ts"
import { makeProxy } from "./proxy.ts"

const request = (n: number) => ({ tenant, session: sessionId(n), key: null, event: null, now })

describe("a text with the character that stands for what cannot be read", () => {
  it.live("comes back as it was", () =>
    Effect.gen(function* () {
      const { sessions } = yield* open(yield* emptyDatabase())
      const session = makeSession(1, { metadata: { "\uFFFD": "a\uFFFDb" }, externalRef: "\uFFFD", tags: ["\uFFFD"] })
      yield* sessions.commit([makeCommit(session)])
      assert.deepStrictEqual((yield* sessions.load(request(1))).session, session)
    })
  )
})

const canary = "canary-5f0c"

/** The failure of a store, which names nothing of what it was about. */
const failure = <A, E>(call: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(call), (error) => {
    assert.instanceOf(error, StoreError)
    assert.strictEqual(error.outcome, "not_applied")
    assert.notInclude(inspect(error, { depth: 20 }), canary)
    return error
  })

describe("what cannot be read", () => {
  it.live.each(["not JSON, canary-5f0c", `{"id":"canary-5f0c"}`])(
    "is the store's failure, which does not say what it was: %s",
    (data) =>
      Effect.gen(function* () {
        const url = yield* emptyDatabase()
        const { keys, sessions } = yield* open(url)
        yield* sessions.commit([makeCommit(makeSession(1)), makeCommit(makeSession(2))])
        yield* keys.insert(anApiKey)
        yield* execute(url, [
          `UPDATE sessions SET data = '${data}' WHERE id = '${sessionId(1)}'`,
          `UPDATE api_keys SET data = '${data}'`
        ])
        yield* failure(sessions.load(request(1)))
        yield* failure(sessions.exclusively(request(1), () => Effect.die("nothing was loaded")))
        yield* failure(keys.find(anApiKey.id))
        yield* failure(keys.revoke(tenant, anApiKey.id, now))
        assert.strictEqual((yield* sessions.load(request(2))).session?.revision, 1)
      })
  )
})

describe("looks that are asked for at the same moment", () => {
  it.live("are one statement", () =>
    Effect.gen(function* () {
      const proxy = yield* makeProxy(yield* emptyDatabase())
      const { sessions } = yield* open(proxy.url)
      yield* Effect.forEach([1, 2], (n) => sessions.load(request(n)))
      assert.isFalse(yield* proxy.hasSent(sessionId(1), sessionId(2)))
      yield* Effect.forEach([1, 2], (n) => sessions.load(request(n)), { concurrency: "unbounded" })
      assert.isTrue(yield* proxy.hasSent(sessionId(1), sessionId(2)))
    })
  )

  it.live("each find what is theirs, and one that cannot be read fails by itself", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      const { sessions } = yield* open(url)
      const all = Array.from({ length: 100 }, (_, n) => n + 1)
      const change = makeCommit(makeSession(1, { revision: 2 }), { key: "key-1" })
      yield* sessions.commit(Arr.map(all as Arr.NonEmptyArray<number>, (n) => makeCommit(makeSession(n))))
      yield* sessions.commit([change])
      yield* execute(url, [`UPDATE sessions SET data = '${canary}' WHERE id = '${sessionId(50)}'`])

      const looks = [
        ...all.map(request),
        { ...request(1), key: "key-1" as IdempotencyKey },
        { ...request(1), event: change.events[0]?.id ?? null },
        { ...request(1), tenant: { ...tenant, organization: "somebody-else" as Tenant["organization"] } },
        request(1_000)
      ]
      const found = yield* Effect.forEach(looks, (look) => Effect.result(sessions.load(look)), {
        concurrency: "unbounded"
      })
      const sessionsFound = found.map((result) =>
        Result.isSuccess(result) ? (result.success.session?.id ?? null) : "failed"
      )
      const expected = all.map((n) => (n === 50 ? "failed" : sessionId(n)))
      assert.deepStrictEqual(sessionsFound, [...expected, null, sessionId(1), null, null])
      const [ofKey, ofEvent] = found.slice(100).map(Result.getOrThrow)
      assert.strictEqual(ofKey?.record?.run, change.record?.run)
      assert.strictEqual(ofEvent?.eventRevision, 2)
    })
  )
})

describe("a member of a batch that cannot be written", () => {
  it.live("fails when its event is there already", () =>
    Effect.gen(function* () {
      const { sessions } = yield* open(yield* emptyDatabase())
      const first = makeCommit(makeSession(1))
      yield* sessions.commit([first])
      yield* failure(sessions.commit([{ ...makeCommit(makeSession(2)), events: first.events }]))
      assert.isNull((yield* sessions.load(request(2))).session)
    })
  )

  it.live("fails, and none of its neighbours with it", () =>
    Effect.gen(function* () {
      const { sessions } = yield* open(yield* emptyDatabase())
      // PostgreSQL has no text with NUL in it. Whoever validates lets none through.
      const broken = makeCommit(makeSession(2, { externalRef: "\0" }))
      const calls = [makeCommit(makeSession(1)), broken, makeCommit(makeSession(3))].map((change) =>
        Effect.exit(sessions.commit([change]))
      )
      const exits = yield* Effect.all(calls, { concurrency: "unbounded" })
      assert.deepStrictEqual(
        exits.map(({ _tag }) => _tag),
        ["Success", "Failure", "Success"]
      )
      assert.isNotNull((yield* sessions.load(request(3))).session)
    })
  )
})

/** What PostgreSQL keeps of a value, and what is said of one that is broken. */
import { execute } from "@holdfast/tool-postgres"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inspect } from "node:util"
import { StoreError } from "../../src/store/SessionStore.ts"
import { anApiKey, makeCommit, makeSession, now, sessionId, tenant } from "../StoreFixtures.ts"
import { emptyDatabase, open } from "./database.ts"

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

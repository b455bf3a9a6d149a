/** What the network does to a call: it ends in time, it says what is known, and the next one goes through. */
import { startPostgres } from "@holdfast/tool-postgres"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Exit, Fiber } from "effect"
import { StoreError } from "../../src/store/SessionStore.ts"
import type { Commit, SessionStore } from "../../src/store/SessionStore.ts"
import { idempotencyKey, makeCommit, makeSession, now, sessionId, tenant } from "../StoreFixtures.ts"
import { emptyDatabase, open } from "./database.ts"
import { makeProxy } from "./proxy.ts"

const request = (n: number, change?: Commit) => ({
  tenant,
  session: sessionId(n),
  key: null,
  event: change?.events[0]?.id ?? null,
  now
})

const outcomeOf = <A, E>(call: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(call), (error) => (error instanceof StoreError ? error.outcome : assert.fail("another error")))

/** Waits until the store answers again. */
const untilBack = (store: SessionStore["Service"]) => Effect.retry(store.ready, { times: 20 })

describe("a connection that is cut around a commit", () => {
  for (const [when, found] of [
    ["before", null],
    ["after", 1]
  ] as const) {
    it.live(`${when} the server has it: the outcome is unknown, and a look-up by the event says what it was`, () =>
      Effect.gen(function* () {
        const proxy = yield* makeProxy(yield* emptyDatabase())
        const { sessions } = yield* open(proxy.url)
        for (const n of [1, 2, 3]) {
          const change = makeCommit(makeSession(n), { key: `the key of ${n}` })
          yield* proxy.cut({ text: `the key of ${n}`, when })
          assert.strictEqual(yield* outcomeOf(sessions.commit([change])), "unknown")
          assert.strictEqual((yield* sessions.load(request(n, change))).eventRevision, found)
          assert.deepStrictEqual(yield* sessions.commit([change]), [found === null ? "committed" : "stale"])
        }
      })
    )

    it.live(`${when} the server has the COMMIT of a session that is held: the same`, () =>
      Effect.gen(function* () {
        const proxy = yield* makeProxy(yield* emptyDatabase())
        const { sessions } = yield* open(proxy.url)
        const change = makeCommit(makeSession(1))
        // With the end of the text: the transaction begins with READ COMMITTED.
        yield* proxy.cut({ text: "COMMIT\0", when })
        assert.strictEqual(yield* outcomeOf(sessions.exclusively(request(1), () => Effect.succeed(change))), "unknown")
        assert.strictEqual((yield* sessions.load(request(1, change))).eventRevision, found)
      })
    )
  }

  it.live("in the middle of a transaction: it is done again, with the decision that was made", () =>
    Effect.gen(function* () {
      const proxy = yield* makeProxy(yield* emptyDatabase())
      const { sessions } = yield* open(proxy.url)
      let decisions = 0
      const decide = () => Effect.sync(() => (decisions++, makeCommit(makeSession(1), { key: "the key" })))
      yield* proxy.cut({ text: "the key", when: "before" })
      assert.strictEqual(yield* sessions.exclusively(request(1), decide), "committed")
      assert.strictEqual(decisions, 1)
    })
  )
})

describe("a connection that is cut while nobody uses it", () => {
  it.live("is replaced, and no call notices", () =>
    Effect.gen(function* () {
      const proxy = yield* makeProxy(yield* emptyDatabase())
      const { keys, sessions } = yield* open(proxy.url)
      for (const n of [1, 2, 3, 4, 5]) {
        assert.deepStrictEqual(yield* sessions.commit([makeCommit(makeSession(n))]), ["committed"])
        assert.strictEqual((yield* sessions.load(request(n))).session?.revision, 1)
        yield* proxy.cutAll
      }
      assert.deepStrictEqual(yield* keys.organizations, [])
    })
  )
})

describe("a network that swallows everything", () => {
  it.live("is noticed within about five seconds by every call, and forgotten when it is over", () =>
    Effect.gen(function* () {
      const proxy = yield* makeProxy(yield* emptyDatabase())
      const { keys, sessions } = yield* open(proxy.url)
      const { sessions: elsewhere } = yield* open(proxy.url)
      yield* sessions.commit([makeCommit(makeSession(1))])
      yield* sessions.load(request(1))
      yield* proxy.swallow

      const calls: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        sessions.load(request(1)),
        sessions.commit([makeCommit(makeSession(2), { key: "in the dark" })]),
        elsewhere.exclusively(request(1), () => Effect.succeed(null)),
        elsewhere.commit([makeCommit(makeSession(3))]),
        sessions.ready,
        keys.organizations,
        ...Array.from({ length: 200 }, () => sessions.load(request(1)))
      ]
      const start = yield* Clock.currentTimeMillis
      const outcomes = yield* Effect.forEach(calls, (call) => outcomeOf(Effect.uninterruptible(call)), {
        concurrency: "unbounded"
      })
      assert.isBelow((yield* Clock.currentTimeMillis) - start, 6_000)
      assert.deepStrictEqual(outcomes.slice(0, 2), ["not_applied", "unknown"])
      assert.deepStrictEqual(new Set(outcomes.slice(2)), new Set(["not_applied"]))

      yield* proxy.heal
      yield* untilBack(sessions)
      const { record, session } = yield* sessions.load({ ...request(2), key: idempotencyKey("in the dark") })
      assert.deepStrictEqual([record, session], [null, null])
      const late = yield* Clock.currentTimeMillis
      assert.deepStrictEqual(yield* sessions.commit([makeCommit(makeSession(2), { key: "in the dark" })]), [
        "committed"
      ])
      assert.isBelow((yield* Clock.currentTimeMillis) - late, 3_000)
    })
  )
})

describe("a server that restarts", () => {
  it.live(
    "in order or by a crash: service goes on by itself, and what was acknowledged is there",
    () =>
      Effect.gen(function* () {
        const server = yield* startPostgres()
        const { sessions } = yield* open(yield* server.createDatabase())
        const acknowledged: Array<number> = []
        const lost: Array<number> = []
        const work = { goesOn: true }

        let awaited: { readonly length: number; readonly reached: Deferred.Deferred<void> } | undefined
        const write = Effect.fnUntraced(function* (writer: number) {
          for (let n = writer; work.goesOn; n += 8) {
            const exit = yield* Effect.exit(sessions.commit([makeCommit(makeSession(n), { key: `key-${n}` })]))
            if (Exit.isSuccess(exit)) {
              assert.deepStrictEqual(exit.value, ["committed"])
              acknowledged.push(n)
              if (acknowledged.length === awaited?.length) yield* Deferred.succeed(awaited.reached, undefined)
            } else lost.push(n)
          }
        })
        // Recovery may take longer than a call waits.
        const read = Effect.gen(function* () {
          while (work.goesOn) yield* Effect.retry(sessions.load(request(0)), { times: 5 })
        })
        const writers = yield* Effect.forEach([0, 1, 2, 3, 4, 5, 6, 7], (n) => Effect.forkChild(write(n)))
        const reader = yield* Effect.forkChild(read)
        const untilMore = Effect.fnUntraced(function* () {
          awaited = { length: acknowledged.length + 100, reached: Deferred.makeUnsafe() }
          yield* Deferred.await(awaited.reached)
        })
        yield* untilMore()
        yield* server.crash
        yield* server.start
        yield* untilMore()
        yield* server.restart
        yield* untilMore()
        work.goesOn = false
        yield* Fiber.join(reader)
        yield* Effect.forEach(writers, Fiber.join)

        for (const n of acknowledged) assert.isNotNull((yield* sessions.load(request(n))).session)
        // At most one for each writer and each time that it went away.
        assert.isAtMost(lost.length, 16)
      }),
    60_000
  )
})

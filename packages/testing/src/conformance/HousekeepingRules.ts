/** Rules of `SessionStore.lapsed` and `SessionStore.sweep`: what the sweeper is given, and what it may delete. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { at, makeId } from "../Factories.ts"
import { day, makeWorld, same } from "./World.ts"
import type { SuiteIt } from "./World.ts"

/** Sessions whose lapse is not yet stored. */
export const lapsedRules = (it: SuiteIt) =>
  describe("lapsed", () => {
    it.effect("lists exactly the sessions whose token ended while they waited for the person", () =>
      Effect.gen(function* () {
        const { given, session, store, tenant } = yield* makeWorld
        const tokenExpiresAt = at(1_000)
        yield* given(session(1, { tokenExpiresAt }))
        yield* given(session(2, { tokenExpiresAt, status: "capturing" }))
        yield* given(session(3, { tokenExpiresAt, status: "processing" }))
        yield* given(session(4, { tokenExpiresAt, status: "expired" }))
        yield* given(session(5, { tokenExpiresAt: null }))
        yield* given(session(6, { tokenExpiresAt: at(1_001) }))
        const ids = (now: number) =>
          Effect.map(store.lapsed(tenant, at(now), 10), (found) => found.map(({ id }) => id).toSorted())
        assert.deepStrictEqual(yield* ids(999), [])
        assert.deepStrictEqual(yield* ids(1_000), [makeId("ses", 1), makeId("ses", 2)])
        assert.deepStrictEqual(yield* ids(1_001), [makeId("ses", 1), makeId("ses", 2), makeId("ses", 6)])
      })
    )

    it.effect("lists at most as many as asked for, as they are stored, until the lapse is", () =>
      Effect.gen(function* () {
        const { change, commit, given, session, store, tenant } = yield* makeWorld
        for (let n = 0; n < 5; n++) yield* given(session(n))
        const now = at(day)
        const seen = new Set<string>()
        for (const expected of [2, 2, 1, 0]) {
          const found = yield* store.lapsed(tenant, now, 2)
          assert.strictEqual(found.length, expected)
          for (const stored of found) {
            assert.strictEqual(stored.status, "pending")
            seen.add(stored.id)
            assert.strictEqual(yield* commit(change(stored, { status: "expired" })), "committed")
          }
        }
        assert.strictEqual(seen.size, 5)
      })
    )
  })

/** The sweep deletes what has expired, and nothing else. */
export const sweepRules = (it: SuiteIt) =>
  describe("sweep", () => {
    it.effect("deletes records that have expired, and says how many", () =>
      Effect.gen(function* () {
        const { given, held, record, session, store, tenant } = yield* makeWorld
        for (const n of [1, 2, 3]) {
          const id = makeId("ses", n)
          yield* given(session(n), { record: record(`k${n}`, id, { createdAt: at(n) }) })
        }
        assert.strictEqual(yield* store.sweep(tenant, at(day), 10), 0)
        assert.strictEqual(yield* store.sweep(tenant, at(day + 2), 10), 2)
        // Looked at as they were before they expired.
        assert.isNull(yield* held("k1", 0))
        assert.isNull(yield* held("k2", 0))
        assert.isNotNull(yield* held("k3", 0))
        assert.strictEqual(yield* store.sweep(tenant, at(day + 2), 10), 0)
      })
    )

    it.effect("deletes at most as many as asked for", () =>
      Effect.gen(function* () {
        const { given, record, session, store, tenant } = yield* makeWorld
        for (let n = 0; n < 5; n++) yield* given(session(n), { record: record(`k${n}`, makeId("ses", n)) })
        const counts = yield* Effect.forEach([1, 2, 3, 4], () => store.sweep(tenant, at(day), 2))
        assert.deepStrictEqual(counts, [2, 2, 1, 0])
      })
    )

    it.effect("deletes tombstones that have expired, and leaves the session and its history", () =>
      Effect.gen(function* () {
        const { everything, given, held, record, session, store, tenant } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1), { body: null }) })
        const before = yield* everything(one.id)
        assert.strictEqual(yield* store.sweep(tenant, at(day - 1), 10), 0)
        assert.strictEqual(yield* store.sweep(tenant, at(day), 10), 1)
        assert.isNull(yield* held("k", 0))
        same(yield* everything(one.id), before)
      })
    )

    it.effect("never deletes a record that was claimed afresh", () =>
      Effect.gen(function* () {
        const { commit, given, held, record, session, store, tenant, unchanged } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1)) })
        const fresh = record("k", one.id, { createdAt: at(day) })
        yield* commit(unchanged(one, { now: at(day), record: fresh }))
        assert.strictEqual(yield* store.sweep(tenant, at(2 * day - 1), 10), 0)
        assert.strictEqual((yield* held("k", day))?.run, fresh.run)
      })
    )

    it.effect("racing with claims, never deletes a record that was claimed afresh", () =>
      Effect.gen(function* () {
        const { commit, given, held, record, session, store, tenant, unchanged } = yield* makeWorld
        const rounds = Array.from({ length: 40 }, (_, n) => n)
        const sessions = yield* Effect.forEach(rounds, (n) =>
          given(session(n), { record: record(`k${n}`, makeId("ses", n)) })
        )
        const now = at(day)
        const claims = sessions.map((one, n) => {
          const fresh = unchanged(one, { now, record: record(`k${n}`, one.id, { createdAt: now, operation: "fresh" }) })
          return Effect.map(commit(fresh), (result) => assert.strictEqual(result, "committed"))
        })
        yield* Effect.forEach(
          claims,
          (claim) => Effect.all([claim, store.sweep(tenant, now, 3)], { concurrency: "unbounded" }),
          { concurrency: "unbounded" }
        )
        for (const n of rounds) assert.strictEqual((yield* held(`k${n}`, day))?.operation, "fresh")
      })
    )
  })

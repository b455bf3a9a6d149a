/** Rules of `SessionStore.list`: pages in both directions, the filters, and the lapse in them. */
import type { ListRequest, Session, SessionStatus } from "@holdfast/core"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { at, makeId } from "../Factories.ts"
import { makeWorld, same } from "./World.ts"
import type { SuiteIt, World } from "./World.ts"

const numbers = (sessions: ReadonlyArray<Session>) => sessions.map(({ id }) => Number(id.slice(4)))

const lister =
  ({ store, tenant }: World) =>
  (request: Partial<ListRequest> = {}) =>
    Effect.map(
      store.list({
        tenant,
        status: null,
        externalRef: null,
        direction: "older",
        from: null,
        limit: 100,
        now: at(0),
        ...request
      }),
      numbers
    )

/** A list is a page of the tenant's sessions by id. */
export const listRules = (it: SuiteIt) =>
  describe("list", () => {
    it.effect("is empty where there are no sessions", () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* lister(yield* makeWorld)(), [])
      })
    )

    it.effect("goes from the newest down, or from the oldest up, whatever the order of arrival", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        for (const n of [3, 1, 5, 2, 4]) yield* world.given(world.session(n))
        const list = lister(world)
        assert.deepStrictEqual(yield* list({ direction: "older" }), [5, 4, 3, 2, 1])
        assert.deepStrictEqual(yield* list({ direction: "newer" }), [1, 2, 3, 4, 5])
      })
    )

    it.effect("begins behind a session and ends at the limit, in both directions", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        for (const n of [10, 20, 30, 40, 50]) yield* world.given(world.session(n))
        const list = lister(world)
        assert.deepStrictEqual(yield* list({ limit: 2 }), [50, 40])
        assert.deepStrictEqual(yield* list({ limit: 2, from: makeId("ses", 40) }), [30, 20])
        assert.deepStrictEqual(yield* list({ limit: 2, from: makeId("ses", 20) }), [10])
        assert.deepStrictEqual(yield* list({ from: makeId("ses", 10) }), [])
        assert.deepStrictEqual(yield* list({ direction: "newer", limit: 2 }), [10, 20])
        assert.deepStrictEqual(yield* list({ direction: "newer", limit: 2, from: makeId("ses", 20) }), [30, 40])
        assert.deepStrictEqual(yield* list({ direction: "newer", from: makeId("ses", 50) }), [])
        // A place where no session is serves as well.
        assert.deepStrictEqual(yield* list({ from: makeId("ses", 35) }), [30, 20, 10])
        assert.deepStrictEqual(yield* list({ direction: "newer", from: makeId("ses", 35) }), [40, 50])
      })
    )

    it.effect("finds exactly the external reference asked for", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const refs = [
          "a",
          "A",
          "a ",
          " a",
          "",
          null,
          "a%",
          "%",
          "_",
          "é",
          "e\u0301",
          "'; drop table sessions; --",
          "\\"
        ]
        yield* Effect.forEach(refs, (externalRef, n) => world.given(world.session(n, { externalRef })))
        const list = lister(world)
        for (const [n, externalRef] of refs.entries()) {
          if (externalRef !== null) assert.deepStrictEqual(yield* list({ externalRef }), [n], externalRef)
        }
        assert.deepStrictEqual(yield* list({ externalRef: "b" }), [])
        assert.strictEqual((yield* list({ externalRef: null })).length, refs.length)
      })
    )

    it.effect("finds each status", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const statuses: ReadonlyArray<SessionStatus> = ["pending", "processing", "completed", "expired", "failed"]
        yield* Effect.forEach(statuses, (status, n) => world.given(world.session(n, { status })))
        const list = lister(world)
        for (const [n, status] of statuses.entries()) assert.deepStrictEqual(yield* list({ status }), [n], status)
        assert.deepStrictEqual(yield* list({ status: "under_review" }), [])
      })
    )

    it.effect(
      "counts a session that has lapsed as expired from the instant its token ends, and shows it as stored",
      () =>
        Effect.gen(function* () {
          const world = yield* makeWorld
          const tokenExpiresAt = at(1_000)
          const pending = yield* world.given(world.session(1, { tokenExpiresAt }))
          yield* world.given(world.session(2, { tokenExpiresAt, status: "capturing" }))
          yield* world.given(world.session(3, { tokenExpiresAt, status: "processing" }))
          yield* world.given(world.session(4, { tokenExpiresAt: null }))
          yield* world.given(world.session(5, { tokenExpiresAt: at(2_000), status: "expired" }))
          const list = lister(world)
          const statuses = (now: number) =>
            Effect.all({
              pending: list({ status: "pending", now: at(now) }),
              capturing: list({ status: "capturing", now: at(now) }),
              processing: list({ status: "processing", now: at(now) }),
              expired: list({ status: "expired", now: at(now) })
            })
          const before = { pending: [4, 1], capturing: [2], processing: [3], expired: [5] }
          const after = { pending: [4], capturing: [], processing: [3], expired: [5, 2, 1] }
          assert.deepStrictEqual(yield* statuses(999), before)
          assert.deepStrictEqual(yield* statuses(1_000), after)
          assert.deepStrictEqual(yield* statuses(1_001), after)

          const [shown] = yield* world.store.list({
            tenant: world.tenant,
            status: "expired",
            externalRef: null,
            direction: "newer",
            from: null,
            limit: 1,
            now: at(1_000)
          })
          same(shown, pending)
        })
    )

    it.effect("combines filters, direction, start and limit", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        for (let n = 0; n < 24; n++) {
          yield* world.given(
            world.session(n, {
              status: n % 2 === 0 ? "completed" : "pending",
              externalRef: n % 3 === 0 ? "three" : null,
              tokenExpiresAt: at(1_000)
            })
          )
        }
        const list = lister(world)
        const filter = { externalRef: "three", now: at(1_000) } as const
        assert.deepStrictEqual(yield* list({ ...filter, status: "completed" }), [18, 12, 6, 0])
        assert.deepStrictEqual(yield* list({ ...filter, status: "expired" }), [21, 15, 9, 3])
        assert.deepStrictEqual(yield* list({ ...filter, status: "pending" }), [])
        assert.deepStrictEqual(
          yield* list({ ...filter, status: "expired", direction: "newer", from: makeId("ses", 3), limit: 2 }),
          [9, 15]
        )
      })
    )
  })

/** Rules of `SessionStore.page`: pages by number, their total, and every filter. */
import type { PageRequest } from "@holdfast/core"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { at, makeId } from "../Factories.ts"
import { freshTenant, makeWorld, same } from "./World.ts"
import type { SuiteIt, World } from "./World.ts"

/** Asks for a page, and answers with the numbers of its sessions and the total. */
const pager =
  ({ store, tenant }: World) =>
  (request: Partial<PageRequest> = {}) =>
    Effect.map(
      store.page({
        tenant,
        status: null,
        externalRef: null,
        idOrExternalRef: null,
        tag: null,
        createdAfter: null,
        createdBefore: null,
        offset: 0,
        limit: 100,
        now: at(0),
        ...request
      }),
      ({ sessions, total }) => ({ found: sessions.map(({ id }) => Number(id.slice("ses_".length))), total })
    )

const exactly = (...found: ReadonlyArray<number>) => ({ found, total: found.length })

/** A page by number is a stretch of the list, with the length of the whole. */
export const pageRules = (it: SuiteIt) =>
  describe("page", () => {
    it.effect("is newest first, and knows how many there are in all", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const page = pager(world)
        assert.deepStrictEqual(yield* page(), exactly())
        for (const n of [3, 1, 5, 2, 4]) yield* world.given(world.session(n))
        assert.deepStrictEqual(yield* page(), exactly(5, 4, 3, 2, 1))
        assert.deepStrictEqual(yield* page({ limit: 2 }), { found: [5, 4], total: 5 })
        assert.deepStrictEqual(yield* page({ limit: 2, offset: 2 }), { found: [3, 2], total: 5 })
        assert.deepStrictEqual(yield* page({ limit: 2, offset: 4 }), { found: [1], total: 5 })
        assert.deepStrictEqual(yield* page({ limit: 2, offset: 5 }), { found: [], total: 5 })
        assert.deepStrictEqual(yield* page({ offset: 2_147_483_647 }), { found: [], total: 5 })
      })
    )

    it.effect("finds exactly the external reference, the tag, or the id asked for", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const texts = ["a", "A", "a ", "a%", "%", "_", "é", "e\u0301", '"', '","', "\\", "'", "]", "👍🏽", "ab"]
        const tags = (n: number) => [texts[n] ?? "", `other ${n}`]
        yield* Effect.forEach(texts, (externalRef, n) => world.given(world.session(n, { externalRef, tags: tags(n) })))
        yield* world.given(world.session(99))
        const page = pager(world)
        for (const [n, text] of texts.entries()) {
          assert.deepStrictEqual(yield* page({ externalRef: text }), exactly(n), `reference ${text}`)
          assert.deepStrictEqual(yield* page({ tag: text }), exactly(n), `tag ${text}`)
          assert.deepStrictEqual(yield* page({ idOrExternalRef: text }), exactly(n), `text ${text}`)
          assert.deepStrictEqual(yield* page({ idOrExternalRef: makeId("ses", n) }), exactly(n), `id ${n}`)
        }
        for (const text of ["", "b", "other", "null", "[]"]) {
          assert.deepStrictEqual(yield* page({ tag: text }), exactly(), `tag ${text}`)
          assert.deepStrictEqual(yield* page({ externalRef: text }), exactly(), `reference ${text}`)
          assert.deepStrictEqual(yield* page({ idOrExternalRef: text }), exactly(), `text ${text}`)
        }
      })
    )

    it.effect("finds the session of an id and those that refer to it", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        yield* world.given(world.session(1))
        yield* world.given(world.session(2, { externalRef: makeId("ses", 1) }))
        assert.deepStrictEqual(yield* pager(world)({ idOrExternalRef: makeId("ses", 1) }), exactly(2, 1))
      })
    )

    it.effect("finds what was created between two times, both excluded", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        for (const n of [1, 2, 3, 4]) yield* world.given(world.session(n, { createdAt: at(1_767_225_600_000 + n) }))
        const page = pager(world)
        const time = (n: number) => at(1_767_225_600_000 + n)
        assert.deepStrictEqual(yield* page({ createdAfter: time(2) }), exactly(4, 3))
        assert.deepStrictEqual(yield* page({ createdBefore: time(2) }), exactly(1))
        assert.deepStrictEqual(yield* page({ createdAfter: time(1), createdBefore: time(4) }), exactly(3, 2))
        assert.deepStrictEqual(yield* page({ createdAfter: time(2), createdBefore: time(3) }), exactly())
        assert.deepStrictEqual(yield* page({ createdAfter: at(0) }), exactly(4, 3, 2, 1))
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
          yield* world.given(world.session(4, { tokenExpiresAt: at(2_000), status: "expired" }))
          yield* world.given(world.session(5, { tokenExpiresAt: null }))
          const page = pager(world)
          assert.deepStrictEqual(yield* page({ status: "pending", now: at(999) }), exactly(5, 1))
          assert.deepStrictEqual(yield* page({ status: "expired", now: at(999) }), exactly(4))
          assert.deepStrictEqual(yield* page({ status: "pending", now: at(1_000) }), exactly(5))
          assert.deepStrictEqual(yield* page({ status: "expired", now: at(1_000) }), exactly(4, 2, 1))
          assert.deepStrictEqual(yield* page({ status: "processing", now: at(1_000) }), exactly(3))
          assert.deepStrictEqual(yield* page({ status: "expired", now: at(1_000), limit: 1, offset: 1 }), {
            found: [2],
            total: 3
          })
          const { sessions } = yield* world.store.page({
            tenant: world.tenant,
            status: "expired",
            externalRef: null,
            idOrExternalRef: pending.id,
            tag: null,
            createdAfter: null,
            createdBefore: null,
            offset: 0,
            limit: 1,
            now: at(1_000)
          })
          same(sessions, [pending])
        })
    )

    it.effect("combines its filters, and counts what all of them let through", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        for (let n = 0; n < 24; n++) {
          yield* world.given(
            world.session(n, {
              status: n % 2 === 0 ? "completed" : "failed",
              externalRef: n % 3 === 0 ? "three" : null,
              tags: n < 12 ? ["first half", "all"] : ["all"],
              createdAt: at(n)
            })
          )
        }
        const page = pager(world)
        assert.deepStrictEqual(yield* page({ status: "completed", externalRef: "three" }), exactly(18, 12, 6, 0))
        assert.deepStrictEqual(yield* page({ status: "completed", tag: "first half" }), exactly(10, 8, 6, 4, 2, 0))
        assert.deepStrictEqual(
          yield* page({
            status: "completed",
            externalRef: "three",
            idOrExternalRef: "three",
            tag: "all",
            createdAfter: at(0),
            createdBefore: at(18),
            limit: 1
          }),
          { found: [12], total: 2 }
        )
        assert.deepStrictEqual(yield* page({ externalRef: "three", idOrExternalRef: makeId("ses", 3) }), exactly(3))
        assert.deepStrictEqual(yield* page({ tag: "first half", createdAfter: at(11) }), exactly())
      })
    )

    it.effect("shows and counts nothing of another tenant", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const stranger = yield* freshTenant
        yield* world.given(world.session(1, { externalRef: "mine", tags: ["mine"] }))
        for (const tenant of [
          { ...world.tenant, environment: stranger.environment },
          { ...world.tenant, organization: stranger.organization }
        ]) {
          const page = pager(world.as(tenant))
          assert.deepStrictEqual(yield* page(), exactly())
          assert.deepStrictEqual(yield* page({ externalRef: "mine" }), exactly())
          assert.deepStrictEqual(yield* page({ tag: "mine" }), exactly())
          assert.deepStrictEqual(yield* page({ idOrExternalRef: makeId("ses", 1) }), exactly())
        }
      })
    )
  })

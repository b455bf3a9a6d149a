/** Pages of sessions: in both directions, with filters, stable while sessions are added. */
import { Sessions } from "@holdfast/core"
import type { ListSessions, PageSessions } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { caller, overEngines, refusal } from "../support.ts"

/** Five sessions, a second apart, named by their age. */
const five = Effect.gen(function* () {
  const sessions = yield* Sessions
  for (const externalRef of ["1", "2", "3", "4", "5"]) {
    yield* sessions.create(caller, { input: { externalRef } })
    yield* TestClock.adjust("1 second")
  }
  return {
    sessions,
    page: (request?: ListSessions) =>
      Effect.map(sessions.list(caller, request), ({ edges, hasNextPage, hasPreviousPage }) => ({
        names: edges.map(({ session }) => session.externalRef).join(""),
        cursors: edges.map(({ cursor }) => cursor),
        hasNextPage,
        hasPreviousPage
      }))
  }
})

overEngines("a list", ({ test }) => {
  test("is newest first, whichever way it is read", () =>
    Effect.gen(function* () {
      const { page } = yield* five
      const all = yield* page()
      assert.deepInclude(all, { names: "54321", hasNextPage: false, hasPreviousPage: false })
      assert.strictEqual((yield* page({ last: 5 })).names, "54321")
      assert.deepInclude(yield* page({ first: 2 }), { names: "54", hasNextPage: true, hasPreviousPage: false })
      assert.deepInclude(yield* page({ last: 2 }), { names: "21", hasNextPage: false, hasPreviousPage: true })
    }))

  test("goes on behind a cursor, forwards and backwards", () =>
    Effect.gen(function* () {
      const { page } = yield* five
      const { cursors } = yield* page()
      const [newest, , third, , oldest] = cursors
      assert.deepInclude(yield* page({ first: 2, after: third }), {
        names: "21",
        hasNextPage: false,
        hasPreviousPage: true
      })
      assert.deepInclude(yield* page({ first: 1, after: third }), { names: "2", hasNextPage: true })
      assert.deepInclude(yield* page({ last: 2, before: third }), {
        names: "54",
        hasNextPage: true,
        hasPreviousPage: false
      })
      assert.deepInclude(yield* page({ last: 1, before: third }), { names: "4", hasPreviousPage: true })
      assert.strictEqual((yield* page({ after: oldest })).names, "")
      assert.strictEqual((yield* page({ before: newest })).names, "")
    }))

  test("shows each session once while others are added", () =>
    Effect.gen(function* () {
      const { page, sessions } = yield* five
      const first = yield* page({ first: 2 })
      yield* sessions.create(caller, { input: { externalRef: "6" } })
      assert.strictEqual((yield* page({ first: 3, after: first.cursors[1] })).names, "321")
    }))

  test("filters by no text that a database could change", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      yield* sessions.create(caller, { input: { externalRef: "x\uFFFD" } })
      for (const externalRef of ["x\ud800", "x\u0000"]) {
        assert.strictEqual(yield* refusal(sessions.list(caller, { externalRef })), "Unprocessable validation_failed")
      }
    }))

  test("takes a cursor of this list alone", () =>
    Effect.gen(function* () {
      const { page } = yield* five
      const { cursors } = yield* page()
      const [cursor = ""] = cursors
      const tampered = Buffer.from(cursor, "base64url")
      tampered[12] = (tampered[12] ?? 0) ^ 1
      const wrong = [
        { after: cursor, externalRef: "1" },
        { before: cursor, status: "pending" },
        { after: "" },
        { after: "nonsense" },
        { after: tampered.toString("base64url") }
      ] as const
      for (const request of wrong) {
        const error = yield* Effect.flip(page(request))
        assert.strictEqual(error.code, "validation_failed")
        assert.deepStrictEqual(
          "issues" in error ? error.issues.map(({ code, path }) => `${code} ${path.join()}`) : [],
          ["after" in request ? "unknown_value after" : "unknown_value before"]
        )
      }
    }))

  test("has 1 to 100 sessions a page, and one direction", () =>
    Effect.gen(function* () {
      const { page } = yield* five
      const paths = (request: ListSessions) =>
        Effect.map(Effect.flip(page(request)), (error) =>
          "issues" in error ? error.issues.map(({ path }) => path.join()) : []
        )
      for (const size of [0, -1, 101, 1.5, Number.NaN]) {
        assert.deepStrictEqual(yield* paths({ first: size }), ["first"])
        assert.deepStrictEqual(yield* paths({ last: size }), ["last"])
      }
      assert.deepStrictEqual(yield* paths({ first: 1, last: 1 }), ["last"])
      assert.deepStrictEqual(yield* paths({ first: 0, last: 101, after: "x" }), ["first", "last", "after", "last"])
      assert.strictEqual((yield* page({ first: 100 })).names, "54321")
    }))
})

overEngines("a page by number", ({ test }) => {
  const names = (request?: PageSessions) =>
    Effect.gen(function* () {
      const { limit, offset, sessions, total } = yield* (yield* Sessions).page(caller, request)
      return { names: sessions.map(({ externalRef }) => externalRef).join(""), total, limit, offset }
    })

  test("is newest first, of fifty, with the total", () =>
    Effect.gen(function* () {
      yield* five
      assert.deepStrictEqual(yield* names(), { names: "54321", total: 5, limit: 50, offset: 0 })
      assert.deepStrictEqual(yield* names({ limit: 2, offset: 1 }), { names: "43", total: 5, limit: 2, offset: 1 })
      assert.deepStrictEqual(yield* names({ offset: 9 }), { names: "", total: 5, limit: 50, offset: 9 })
    }))

  test("takes times of any zone", () =>
    Effect.gen(function* () {
      yield* five
      const request = { createdAfter: "1970-01-01T01:00:00.999+01:00", createdBefore: "1970-01-01T00:00:04Z" }
      assert.deepInclude(yield* names(request), { names: "432", total: 3 })
      assert.deepInclude(yield* names({ q: "3", createdAfter: null, tag: null }), { names: "3", total: 1 })
    }))

  test("shows a session that has lapsed as expired", () =>
    Effect.gen(function* () {
      const { sessions } = yield* five
      yield* TestClock.adjust("20 minutes")
      const page = yield* sessions.page(caller, { status: "expired" })
      assert.deepStrictEqual(new Set(page.sessions.map(({ status }) => status)), new Set(["expired"]))
      assert.strictEqual(page.total, 5)
      assert.strictEqual((yield* sessions.page(caller, { status: "pending" })).total, 0)
    }))

  test("is refused with everything that is wrong with the request", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const request: object = {
        limit: 101,
        offset: -1,
        status: "done",
        createdAfter: "yesterday",
        createdBefore: "2026-02-30",
        page: 1
      }
      const error = yield* Effect.flip(sessions.page(caller, request))
      assert.deepStrictEqual("issues" in error ? error.issues.map(({ path }) => path.join()).toSorted() : [], [
        "createdAfter",
        "createdBefore",
        "limit",
        "offset",
        "page",
        "status"
      ])
    }))
})

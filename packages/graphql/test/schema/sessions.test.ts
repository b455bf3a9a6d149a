/** What a client sees of the list of sessions. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { layerTest } from "../Stores.ts"
import type { Ask } from "./Ask.ts"
import { connect, createSession } from "./Ask.ts"

const list = `
  query ($status: SessionStatus, $ref: String, $first: Int, $after: String, $last: Int, $before: String) {
    sessions(status: $status, externalRef: $ref, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { externalRef } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`

interface Listed {
  readonly sessions: {
    readonly edges: ReadonlyArray<{ readonly cursor: string; readonly node: { readonly externalRef: string | null } }>
    readonly pageInfo: {
      readonly hasNextPage: boolean
      readonly hasPreviousPage: boolean
      readonly startCursor: string | null
      readonly endCursor: string | null
    }
  } | null
}

/** The references on a page, oldest first in the name: `"e d"` is the page with the sessions e and d. */
const page = (ask: Ask, variables: { readonly [name: string]: unknown }) =>
  Effect.map(ask<Listed>(list, variables), ({ data, errors }) => {
    assert.isUndefined(errors)
    const { edges, pageInfo } = data?.sessions ?? assert.fail("no page")
    assert.strictEqual(pageInfo.startCursor, edges.at(0)?.cursor ?? null)
    assert.strictEqual(pageInfo.endCursor, edges.at(-1)?.cursor ?? null)
    return { refs: edges.map(({ node }) => node.externalRef).join(" "), ...pageInfo }
  })

/** Sessions a to e, a millisecond apart. */
const five = (ask: Ask) =>
  Effect.forEach(["a", "b", "c", "d", "e"], (externalRef) =>
    Effect.andThen(TestClock.adjust(1), createSession(ask, { externalRef }))
  )

it.layer(layerTest)("sessions", (it) => {
  it.effect("are listed newest first, page by page in both directions", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      yield* five(ask)
      const all = yield* page(ask, {})
      assert.deepInclude(all, { refs: "e d c b a", hasNextPage: false, hasPreviousPage: false })
      const first = yield* page(ask, { first: 2 })
      assert.deepInclude(first, { refs: "e d", hasNextPage: true, hasPreviousPage: false })
      const second = yield* page(ask, { first: 2, after: first.endCursor })
      assert.deepInclude(second, { refs: "c b", hasNextPage: true, hasPreviousPage: true })
      const third = yield* page(ask, { first: 2, after: second.endCursor })
      assert.deepInclude(third, { refs: "a", hasNextPage: false, hasPreviousPage: true })
      const back = yield* page(ask, { last: 2, before: third.startCursor })
      assert.deepInclude(back, { refs: "c b", hasNextPage: true, hasPreviousPage: true })
      assert.deepInclude(yield* page(ask, { last: 2 }), { refs: "b a", hasNextPage: false, hasPreviousPage: true })
    })
  )

  it.effect("stay where they are while others are added", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      yield* five(ask)
      const { endCursor } = yield* page(ask, { first: 2 })
      yield* five(ask)
      assert.deepInclude(yield* page(ask, { first: 3, after: endCursor }), { refs: "c b a" })
    })
  )

  it.effect("are filtered by status and by external reference", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      yield* five(ask)
      yield* createSession(ask, { externalRef: "" })
      assert.deepInclude(yield* page(ask, { ref: "c" }), { refs: "c" })
      assert.deepInclude(yield* page(ask, { ref: "", status: "PENDING" }), { refs: "", hasNextPage: false })
      const none = yield* page(ask, { status: "EXPIRED" })
      assert.deepStrictEqual(none, {
        refs: "",
        hasNextPage: false,
        hasPreviousPage: false,
        startCursor: null,
        endCursor: null
      })
      yield* TestClock.adjust("20 minutes")
      assert.deepInclude(yield* page(ask, { ref: "c", status: "EXPIRED" }), { refs: "c" })
      assert.deepInclude(yield* page(ask, { ref: "c", status: "PENDING" }), { refs: "" })
    })
  )

  it.effect("of another organization are not among them", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      yield* five((yield* connect()).ask)
      assert.deepInclude(yield* page(ask, {}), { refs: "" })
    })
  )

  it.effect("are null with VALIDATION_FAILED and the issues for a page that cannot be", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const other = yield* connect()
      yield* five(ask)
      const { endCursor } = yield* page(ask, { first: 2 })
      const size = { code: "UNKNOWN_VALUE", message: "must be an integer from 1 to 100" }
      const cursor = { code: "UNKNOWN_VALUE", message: "is not a cursor of this list" }
      const both = { code: "UNKNOWN_VALUE", message: "cannot be combined with first or after" }
      const cases = [
        [ask, { first: 101 }, [{ path: ["first"], ...size }]],
        [ask, { first: 0 }, [{ path: ["first"], ...size }]],
        [ask, { last: -1 }, [{ path: ["last"], ...size }]],
        [ask, { first: 1, last: 1 }, [{ path: ["last"], ...both }]],
        [ask, { after: "made up" }, [{ path: ["after"], ...cursor }]],
        [ask, { after: endCursor, status: "PENDING" }, [{ path: ["after"], ...cursor }]],
        [other.ask, { after: endCursor }, [{ path: ["after"], ...cursor }]],
        [
          ask,
          { first: 101, after: "" },
          [
            { path: ["first"], ...size },
            { path: ["after"], ...cursor }
          ]
        ]
      ] as const
      for (const [asked, variables, issues] of cases) {
        const { data, errors } = yield* asked(list, variables)
        assert.deepStrictEqual(data, { sessions: null })
        assert.deepStrictEqual(
          errors?.map(({ extensions, path }) => ({ extensions, path })),
          [{ extensions: { code: "VALIDATION_FAILED", issues }, path: ["sessions"] }]
        )
      }
    })
  )

  it.effect("are null with INSUFFICIENT_SCOPE for a key that may not read", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect({ scopes: ["sessions:create"] })
      const { data, errors } = yield* ask(list)
      assert.deepStrictEqual(data, { sessions: null })
      assert.deepStrictEqual(
        errors?.map(({ extensions }) => extensions),
        [{ code: "INSUFFICIENT_SCOPE", requiredScope: "sessions:read" }]
      )
    })
  )
})

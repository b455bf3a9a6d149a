/** What a client sees when it sends a change again under its idempotency key. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import { connect, createSession } from "./Ask.ts"

const update = `
  mutation ($id: ID!, $tier: String) {
    updateSession(id: $id, input: { metadata: { tier: $tier } }) {
      __typename
      ... on UpdateSessionSuccess { replayed session { metadata revision } }
      ... on UnprocessableError { code message issues { code } }
    }
  }
`

it.layer(layerTest)("an idempotency key", (it) => {
  it.effect("makes a repeated update answer the first outcome, in whatever selection the retry sends", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      const keys = { updateSession: "k-1" }
      const first = yield* ask(update, { id, tier: "gold" }, { keys })
      assert.deepStrictEqual(first.data, {
        updateSession: {
          __typename: "UpdateSessionSuccess",
          replayed: false,
          session: { metadata: { tier: "gold" }, revision: 2 }
        }
      })
      assert.deepStrictEqual(first.reports, [{ path: ["updateSession"], key: "k-1", replayed: false }])

      yield* ask(update, { id, tier: "lead" })
      const retry = yield* ask(
        `mutation ($id: ID!) {
          again: updateSession(id: $id, input: { metadata: { tier: "gold" } }) {
            ... on UpdateSessionSuccess { session { id status metadata } replayed }
          }
        }`,
        { id },
        { keys: { again: "k-1" } }
      )
      assert.deepStrictEqual(retry.data, {
        again: { session: { id, status: "PENDING", metadata: { tier: "gold" } }, replayed: true }
      })
      assert.deepStrictEqual(retry.reports, [{ path: ["again"], key: "k-1", replayed: true }])
    })
  )

  it.effect("used for another request is IDEMPOTENCY_MISMATCH, and shows nothing of the first", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      const keys = { updateSession: "k-1" }
      yield* ask(update, { id, tier: "gold" }, { keys })
      const { data, reports } = yield* ask(update, { id, tier: "lead" }, { keys })
      assert.deepStrictEqual(data, {
        updateSession: {
          __typename: "UnprocessableError",
          code: "IDEMPOTENCY_MISMATCH",
          message: "This idempotency key was used for a different request",
          issues: []
        }
      })
      assert.deepStrictEqual(reports, [])
    })
  )

  it.effect("belongs to one field of the document, by its alias", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const document = `mutation {
        a: createSession(input: {}) { ... on CreateSessionSuccess { replayed } }
        b: createSession(input: {}) { ... on CreateSessionSuccess { replayed } }
        c: createSession(input: {}) { ... on CreateSessionSuccess { replayed } }
      }`
      const options = { keys: { a: "k-a", b: "k-b" } }
      yield* ask(document, {}, options)
      const { data, reports } = yield* ask(document, {}, options)
      assert.deepStrictEqual(data, { a: { replayed: true }, b: { replayed: true }, c: { replayed: false } })
      assert.deepStrictEqual(reports, [
        { path: ["a"], key: "k-a", replayed: true },
        { path: ["b"], key: "k-b", replayed: true }
      ])
    })
  )

  it.effect("outside the contract's alphabet, should one get this far, is INVALID_IDEMPOTENCY_KEY", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      const { data, errors } = yield* ask(update, { id }, { keys: { updateSession: "spaced out" } })
      assert.deepStrictEqual(data, { updateSession: null })
      assert.deepStrictEqual(
        errors?.map(({ extensions }) => extensions),
        [{ code: "INVALID_IDEMPOTENCY_KEY" }]
      )
    })
  )
})

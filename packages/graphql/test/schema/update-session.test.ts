/** What a client sees of `updateSession`. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import { connect, createSession } from "./Ask.ts"

const update = `
  mutation ($id: ID!, $input: UpdateSessionInput!) {
    updateSession(id: $id, input: $input) {
      __typename
      ... on UpdateSessionSuccess { replayed session { externalRef metadata revision } }
      ... on NotFoundError { code message }
      ... on UnprocessableError { code message issues { path code message } }
      ... on ConflictError { code message currentRevision status operation }
      ... on ForbiddenError { code message requiredScope }
    }
  }
`

const updated = (externalRef: string | null, metadata: object, revision: number) => ({
  updateSession: {
    __typename: "UpdateSessionSuccess",
    replayed: false,
    session: { externalRef, metadata, revision }
  }
})

const refused = (...issues: ReadonlyArray<{ path: ReadonlyArray<string>; code: string; message: string }>) => ({
  updateSession: {
    __typename: "UnprocessableError",
    code: "VALIDATION_FAILED",
    message: issues.length === 1 ? "A rule is violated" : `${issues.length} rules are violated`,
    issues
  }
})

it.layer(layerTest)("updateSession", (it) => {
  it.effect("merges metadata by key, removes a key sent as null, and sets the external reference", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask, { metadata: { tier: "silver", note: "x", kept: { a: null } } })
      const input = { externalRef: "user-42", metadata: { tier: "gold", note: null } }
      const { data, errors } = yield* ask(update, { id, input })
      assert.isUndefined(errors)
      assert.deepStrictEqual(data, updated("user-42", { tier: "gold", kept: { a: null } }, 2))
    })
  )

  it.effect("keeps what is absent, and clears an external reference sent as null", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask, { externalRef: "user-42", metadata: { tier: "gold" } })
      const kept = yield* ask(update, { id, input: {} })
      assert.deepStrictEqual(kept.data, updated("user-42", { tier: "gold" }, 1))
      const cleared = yield* ask(update, { id, input: { externalRef: null } })
      assert.deepStrictEqual(cleared.data, updated(null, { tier: "gold" }, 2))
    })
  )

  it.effect("leaves alone what a variable that was not given stands for", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask, { externalRef: "user-42" })
      const { data } = yield* ask(
        `mutation ($id: ID!, $ref: String, $metadata: JSONObject, $revision: Int) {
          updateSession(id: $id, input: { externalRef: $ref, metadata: $metadata, expectedRevision: $revision }) {
            ... on UpdateSessionSuccess { session { externalRef revision } }
          }
        }`,
        { id }
      )
      assert.deepStrictEqual(data, { updateSession: { session: { externalRef: "user-42", revision: 1 } } })
    })
  )

  it.effect("answers NotFoundError, and no error, for an id that was never issued and for what is no id", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      for (const id of ["ses_00000000000000000000000000", "key_00000000000000000000000000", "nonsense", ""]) {
        const { data, errors } = yield* ask(update, { id, input: {} })
        assert.isUndefined(errors)
        assert.deepStrictEqual(data, {
          updateSession: {
            __typename: "NotFoundError",
            code: "NOT_FOUND",
            message: "There is no session with this id"
          }
        })
      }
    })
  )

  it.effect("answers UnprocessableError with every broken rule at once, in the input's own names", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      const input = { externalRef: "r".repeat(256), metadata: { "": 1, big: "x".repeat(16_383) }, expectedRevision: 0 }
      const { data } = yield* ask(update, { id, input })
      assert.deepStrictEqual(
        data,
        refused(
          { path: ["externalRef"], code: "TOO_LONG", message: "may have at most 255 characters" },
          { path: ["metadata", ""], code: "EMPTY_KEY", message: "is an empty key" },
          { path: ["metadata", "big"], code: "TOO_LARGE", message: "is larger than 16384 bytes of JSON" },
          { path: ["expectedRevision"], code: "UNKNOWN_VALUE", message: "must be an integer from 1 to 2147483647" }
        )
      )
    })
  )

  it.effect("reports metadata that is no object as an issue, null included", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      for (const metadata of [null, "text", 5, true, [{ tier: "gold" }]]) {
        const { data, errors } = yield* ask(update, { id, input: { metadata } })
        assert.isUndefined(errors)
        assert.deepStrictEqual(data, refused({ path: ["metadata"], code: "WRONG_TYPE", message: "must be an object" }))
      }
    })
  )

  it.effect("answers ConflictError with the current revision when another one was expected", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      const stale = yield* ask(update, { id, input: { metadata: { tier: "gold" }, expectedRevision: 7 } })
      assert.deepStrictEqual(stale.data, {
        updateSession: {
          __typename: "ConflictError",
          code: "REVISION_MISMATCH",
          message: "The session is at revision 1",
          currentRevision: 1,
          status: null,
          operation: null
        }
      })
      const matching = yield* ask(update, { id, input: { metadata: { tier: "gold" }, expectedRevision: 1 } })
      assert.deepStrictEqual(matching.data, updated(null, { tier: "gold" }, 2))
      const indifferent = yield* ask(update, { id, input: { metadata: { tier: "lead" }, expectedRevision: null } })
      assert.deepStrictEqual(indifferent.data, updated(null, { tier: "lead" }, 3))
    })
  )

  it.effect("answers ForbiddenError naming the scope that the key lacks", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect({ scopes: ["sessions:read", "sessions:create"] })
      const id = yield* createSession(ask)
      const { data, errors } = yield* ask(update, { id, input: {} })
      assert.isUndefined(errors)
      assert.deepStrictEqual(data, {
        updateSession: {
          __typename: "ForbiddenError",
          code: "INSUFFICIENT_SCOPE",
          message: "The API key lacks the scope sessions:write",
          requiredScope: "sessions:write"
        }
      })
    })
  )

  it.effect("refuses a value that the schema's own types rule out before anything runs", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      for (const input of [{ externalRef: 5 }, { expectedRevision: 1.5 }, { status: "COMPLETED" }]) {
        const { data, errors } = yield* ask(update, { id, input })
        assert.isUndefined(data)
        assert.strictEqual(errors?.length, 1)
      }
    })
  )
})

/** What a client sees of `redactSession`. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import { connect, createSession } from "./Ask.ts"

const redact = `
  mutation ($id: ID!) {
    redactSession(id: $id) {
      __typename
      ... on RedactSessionSuccess {
        replayed
        alreadyRedacted
        session { externalRef metadata redirectUrl tags retentionStatus captureUrl revision }
      }
      ... on NotFoundError { code }
      ... on ForbiddenError { requiredScope }
    }
  }
`

it.layer(layerTest)("redactSession", (it) => {
  it.effect("erases the data, and says so when there was nothing left to erase", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask, { externalRef: "user-42", metadata: { tier: "gold" }, tags: ["vip"] })
      const redacted = (alreadyRedacted: boolean) => ({
        redactSession: {
          __typename: "RedactSessionSuccess",
          replayed: false,
          alreadyRedacted,
          session: {
            externalRef: null,
            metadata: {},
            redirectUrl: null,
            tags: [],
            retentionStatus: "REDACTED",
            captureUrl: null,
            revision: 2
          }
        }
      })
      assert.deepStrictEqual((yield* ask(redact, { id })).data, redacted(false))
      assert.deepStrictEqual((yield* ask(redact, { id })).data, redacted(true))
    })
  )

  it.effect("leaves a session that refuses updates", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      yield* ask(redact, { id })
      const { data } = yield* ask(
        `mutation ($id: ID!) {
          updateSession(id: $id, input: {}) { __typename ... on UnprocessableError { code message issues { code } } }
        }`,
        { id }
      )
      assert.deepStrictEqual(data, {
        updateSession: {
          __typename: "UnprocessableError",
          code: "SESSION_REDACTED",
          message: "The session is redacted and cannot change",
          issues: []
        }
      })
    })
  )

  it.effect("answers NotFoundError for an unknown id, and ForbiddenError to a key with the default scopes", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const unknown = yield* ask(redact, { id: "ses_00000000000000000000000000" })
      assert.deepStrictEqual(unknown.data, { redactSession: { __typename: "NotFoundError", code: "NOT_FOUND" } })
      const ordinary = yield* connect({ scopes: ["sessions:read", "sessions:create", "sessions:write"] })
      const id = yield* createSession(ordinary.ask)
      assert.deepStrictEqual((yield* ordinary.ask(redact, { id })).data, {
        redactSession: { __typename: "ForbiddenError", requiredScope: "redact:write" }
      })
    })
  )
})

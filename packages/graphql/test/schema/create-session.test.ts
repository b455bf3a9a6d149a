/** What a client sees of `createSession`. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { layerTest } from "../Stores.ts"
import { connect } from "./Ask.ts"

const create = `
  mutation ($input: CreateSessionInput!) {
    createSession(input: $input) {
      __typename
      ... on CreateSessionSuccess {
        replayed
        session {
          status isSandbox environment createdAt updatedAt externalRef metadata country checks workflowId redirectUrl
          documentType retentionStatus processingAttempts consentIp tokenExpiresAt caseId caseStatus tags revision
        }
      }
      ... on UnprocessableError { code issues { path code } }
      ... on ForbiddenError { code message requiredScope }
    }
  }
`

it.layer(layerTest)("createSession", (it) => {
  it.effect("answers the whole session that it made", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-11-22T19:57:00Z"))
      const { apiKey, ask } = yield* connect()
      const given = {
        externalRef: "user-42",
        metadata: { tier: "gold", visits: [1, 2.5, { deep: null }] },
        country: "NZ",
        checks: ["document", "liveness"],
        workflowId: "wf-1",
        redirectUrl: "https://shop.example/done",
        tags: ["vip", "b2c"]
      }
      const { data, errors } = yield* ask(create, { input: given })
      assert.isUndefined(errors)
      assert.deepStrictEqual(data, {
        createSession: {
          __typename: "CreateSessionSuccess",
          replayed: false,
          session: {
            ...given,
            status: "PENDING",
            isSandbox: true,
            environment: apiKey.environment,
            createdAt: "2026-11-22T19:57:00.000Z",
            updatedAt: "2026-11-22T19:57:00.000Z",
            documentType: null,
            retentionStatus: "ACTIVE",
            processingAttempts: null,
            consentIp: null,
            tokenExpiresAt: "2026-11-22T20:17:00.000Z",
            caseId: null,
            caseStatus: null,
            revision: 1
          }
        }
      })
    })
  )

  it.effect("needs nothing, takes null for nothing, and drops metadata keys sent as null", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      for (const input of [
        {},
        { externalRef: null, country: null, checks: null, workflowId: null, redirectUrl: null, tags: null },
        { metadata: { note: null } }
      ]) {
        const { data } = yield* ask(
          `mutation ($input: CreateSessionInput!) {
            createSession(input: $input) {
              ... on CreateSessionSuccess { session { externalRef metadata country checks tags } }
            }
          }`,
          { input }
        )
        assert.deepStrictEqual(data, {
          createSession: { session: { externalRef: null, metadata: {}, country: null, checks: null, tags: [] } }
        })
      }
    })
  )

  it.effect("lists every broken rule at once", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const input = { metadata: null, country: "XX", redirectUrl: "javascript:alert(1)", tags: ["a", "a"] }
      const { data } = yield* ask(create, { input })
      assert.deepStrictEqual(data, {
        createSession: {
          __typename: "UnprocessableError",
          code: "VALIDATION_FAILED",
          issues: [
            { path: ["metadata"], code: "WRONG_TYPE" },
            { path: ["country"], code: "UNKNOWN_VALUE" },
            { path: ["redirectUrl"], code: "UNKNOWN_VALUE" },
            { path: ["tags", "1"], code: "UNKNOWN_VALUE" }
          ]
        }
      })
    })
  )

  it.effect("answers ForbiddenError to a key that may not create", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect({ scopes: ["sessions:read"] })
      const { data } = yield* ask(create, { input: {} })
      assert.deepStrictEqual(data, {
        createSession: {
          __typename: "ForbiddenError",
          code: "INSUFFICIENT_SCOPE",
          message: "The API key lacks the scope sessions:create",
          requiredScope: "sessions:create"
        }
      })
    })
  )

  it.effect("shows where the person goes, until the token has run out", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      type Made = { createSession: { session: { id: string; captureUrl: string } } }
      const { data } = yield* ask<Made>(
        `mutation { createSession(input: {}) { ... on CreateSessionSuccess { session { id captureUrl } } } }`
      )
      const { captureUrl, id } = data?.createSession.session ?? { id: "", captureUrl: "" }
      assert.match(captureUrl, /^http:\/\/127\.0\.0\.1:4000\/verify\/tok_[0-9A-Za-z]{43}$/)

      const read = `query ($id: ID!) { session(id: $id) { status captureUrl } }`
      assert.deepStrictEqual((yield* ask(read, { id })).data, { session: { status: "PENDING", captureUrl } })
      yield* TestClock.adjust("20 minutes")
      assert.deepStrictEqual((yield* ask(read, { id })).data, { session: { status: "EXPIRED", captureUrl: null } })
    })
  )
})

/** The typed client that is derived from the definition. */
import { describe } from "@effect/vitest"
import { provision } from "@holdfast/testing"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { assert } from "vitest"
import { RestClient } from "@holdfast/rest"
import { serve, test } from "./support.ts"

const client = Effect.gen(function* () {
  // The client knows snake case and the newest version, whatever those of the key are.
  const { secret } = yield* provision({ inflection: "camel", version: "2026-01-01" })
  const url = yield* serve()
  return yield* Effect.provide(
    RestClient,
    RestClient.layer({ url, apiKey: secret }).pipe(Layer.provide(FetchHttpClient.layer))
  )
})

describe("RestClient", () => {
  test("creates, updates, reads, lists and redacts", () =>
    Effect.gen(function* () {
      const { sessions } = yield* client
      const created = yield* sessions.create({
        headers: { "idempotency-key": "k-1" },
        payload: { external_ref: "user-42", metadata: { tier: "gold" }, country: "NZ" }
      })
      const params = { id: created.id }
      const updated = yield* sessions.update({
        params,
        headers: { "if-match": `"${created.revision}"` },
        payload: { metadata: { tier: null, cart: { items: 3 } } }
      })
      assert.deepStrictEqual(updated.metadata, { cart: { items: 3 } })
      assert.deepStrictEqual(yield* sessions.get({ params, headers: {} }), updated)
      const { data, pagination } = yield* sessions.list({ headers: {}, query: { status: "pending", limit: 1 } })
      assert.deepStrictEqual([data, pagination], [[updated], { total: 1, limit: 1, offset: 0 }])
      assert.strictEqual((yield* sessions.redact({ params, headers: {} })).status, "deleted")
      assert.strictEqual((yield* sessions.redact({ params, headers: {} })).status, "already_redacted")
    }))

  test("an error is the envelope, typed by its status", () =>
    Effect.gen(function* () {
      const { sessions } = yield* client
      const created = yield* sessions.create({ headers: {}, payload: {} })
      const params = { id: created.id }
      const absent = yield* Effect.flip(sessions.get({ params: { id: "ses_none" }, headers: {} }))
      assert.deepInclude(absent, { error: "not_found", status_code: 404 })
      const stale = yield* Effect.flip(sessions.update({ params, headers: { "if-match": '"7"' }, payload: {} }))
      assert.deepInclude(stale, { error: "revision_mismatch", status_code: 412 })
      const invalid = yield* Effect.flip(
        sessions.update({ params, headers: {}, payload: { metadata: { a: "x".repeat(16_383) } } })
      )
      assert.deepInclude(invalid, { error: "validation_failed", status_code: 422 })
    }))

  test("the headers of an answer are there for who asks", () =>
    Effect.gen(function* () {
      const { sessions } = yield* client
      const [created, response] = yield* sessions.create({
        headers: {},
        payload: {},
        responseMode: "decoded-and-response"
      })
      assert.strictEqual(response.headers["location"], `/api/v1/sessions/${created.id}`)
      assert.strictEqual(response.headers["verifa-version"], "2026-02-01")
    }))

  test("a key that is none is refused", () =>
    Effect.gen(function* () {
      const url = yield* serve()
      const layer = RestClient.layer({ url, apiKey: Redacted.make("nobody") }).pipe(
        Layer.provide(FetchHttpClient.layer)
      )
      const { sessions } = yield* Effect.provide(RestClient, layer)
      const refused = yield* Effect.flip(sessions.list({ headers: {}, query: {} }))
      assert.deepInclude(refused, { error: "unauthorized" })
    }))
})

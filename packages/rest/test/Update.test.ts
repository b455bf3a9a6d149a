/** The heart of the API: `PATCH /api/v1/sessions/{id}`. */
import { describe } from "@effect/vitest"
import { provision } from "@holdfast/testing"
import { Effect } from "effect"
import { assert } from "vitest"
import { asking, makeWorld, test } from "./support.ts"

describe("PATCH /api/v1/sessions/{id}", () => {
  test("an empty update answers with the whole session, in the contract's order of fields", () =>
    Effect.gen(function* () {
      const { patch, session } = yield* makeWorld()
      const { body, headers, status } = yield* patch({})
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(body, session)
      assert.deepStrictEqual(Object.keys(body), [
        "id",
        "status",
        "is_sandbox",
        "environment",
        "created_at",
        "updated_at",
        "external_ref",
        "metadata",
        "country",
        "checks",
        "workflow_id",
        "redirect_url",
        "document_type",
        "retention_status",
        "processing_attempts",
        "consent_ip",
        "capture_url",
        "token_expires_at",
        "case_id",
        "case_status",
        "tags",
        "revision"
      ])
      assert.strictEqual(body["created_at"], "1970-01-01T00:00:00.000Z")
      assert.strictEqual(headers.get("verifa-version"), "2026-02-01")
      assert.strictEqual(headers.get("content-type"), "application/json")
    }))

  test("metadata is merged by key, and null removes a key", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      const { body } = yield* patch({ external_ref: null, metadata: { tier: null, cart: { items: [1, null] } } })
      assert.deepInclude(body, { external_ref: null, metadata: { cart: { items: [1, null] } }, revision: 2 })
    }))

  test("keys may be written in snake, camel or kebab case", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      for (const name of ["external_ref", "externalRef", "external-ref"]) {
        const { body } = yield* patch({ [name]: name })
        assert.strictEqual(body["external_ref"], name)
      }
    }))

  test("a field given in two casings is refused by name, beside every other violation", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      const { body, status } = yield* patch({ external_ref: 7, externalRef: "b", expectedRevision: 1, foo: 1 })
      assert.strictEqual(status, 422)
      assert.sameDeepMembers(body["errors"] as Array<unknown>, [
        { path: ["external_ref"], code: "wrong_type", detail: "must be a string or null" },
        { path: ["externalRef"], code: "unknown_value", detail: "is given twice, in different casings" },
        {
          path: ["expectedRevision"],
          code: "immutable_field",
          detail: "cannot be changed: only the external reference and the metadata can"
        },
        {
          path: ["foo"],
          code: "immutable_field",
          detail: "cannot be changed: only the external reference and the metadata can"
        }
      ])
    }))

  test("every repetition of a field is listed", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      const { body } = yield* patch({ external_ref: "a", externalRef: "b", "external-ref": "c" })
      assert.deepStrictEqual(
        (body["errors"] as ReadonlyArray<{ path: unknown; code: unknown }>).map(({ code, path }) => [path, code]),
        [
          [["externalRef"], "unknown_value"],
          [["external-ref"], "unknown_value"]
        ]
      )
    }))

  test("the envelope of clients that come from Persona is taken, and paths lead through it", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      const taken = yield* patch({ data: { attributes: { "external-ref": "p" } } })
      assert.deepInclude(taken.body, { external_ref: "p" })
      const refused = yield* patch({ data: { attributes: { metadata: { a: "x".repeat(16_383) } } } })
      assert.deepInclude((refused.body["errors"] as Array<object>)[0], {
        path: ["data", "attributes", "metadata", "a"],
        code: "too_large"
      })
      const half = yield* patch({ data: { type: "inquiry", attributes: {} } })
      assert.deepInclude((half.body["errors"] as Array<object>)[0], { path: ["data"], code: "immutable_field" })
    }))

  test("an integer that a double cannot hold is refused by name, wherever it stands", () =>
    Effect.gen(function* () {
      const { patch, session } = yield* makeWorld()
      const { body, status } = yield* patch(
        '{"metadata": {"a": 9007199254740993, "b": [{"c": -12345678901234567890}], "d": 9007199254740991, "e": 1e20}}'
      )
      assert.strictEqual(status, 422)
      assert.deepStrictEqual(body["errors"], [
        { path: ["metadata", "a"], code: "unsafe_number", detail: "is an integer beyond ±(2^53 - 1)" },
        { path: ["metadata", "b", "0", "c"], code: "unsafe_number", detail: "is an integer beyond ±(2^53 - 1)" }
      ])
      assert.deepStrictEqual((yield* patch({})).body, session)
    }))

  test("a key that stands twice in an object is refused, and so is what is no JSON", () =>
    Effect.gen(function* () {
      const { patch, session } = yield* makeWorld()
      for (const text of ['{"metadata":{"a":1,"\\u0061":2}}', '{"metadata":{}', "", "{'a': 1}", '{"a":1}{}']) {
        const { body, status } = yield* patch(text)
        assert.strictEqual(status, 400)
        assert.strictEqual(body["error"], "malformed_request")
      }
      assert.deepStrictEqual((yield* patch({})).body, session)
    }))

  test("what is JSON but no object has the wrong type", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      for (const text of ["[]", "1", '"x"', "null"]) {
        const { body, status } = yield* patch(text)
        assert.strictEqual(status, 422)
        assert.deepInclude((body["errors"] as Array<object>)[0], { path: [], code: "wrong_type" })
      }
    }))

  test("a replay is marked, and takes the shape that the retry asks for", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      const first = yield* patch({ metadata: { a: 1 } }, { "idempotency-key": "k" })
      yield* patch({ metadata: { a: 2 } })
      const again = yield* patch('{ "metadata" : {"a":1.0} }', { "idempotency-key": '"k"', "key-inflection": "kebab" })
      assert.isFalse(first.headers.has("idempotent-replayed"))
      assert.strictEqual(again.headers.get("idempotent-replayed"), "true")
      assert.deepInclude(again.body, { "external-ref": "user-42", metadata: { tier: "gold", a: 1 }, revision: 2 })
      const other = yield* patch({ metadata: { a: 3 } }, { "idempotency-key": "k" })
      assert.deepInclude(other.body, { error: "idempotency_mismatch", status_code: 422, errors: [] })
    }))

  test("errors come in the envelope of the contract, in the casing that is asked for", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      const { body, headers } = yield* patch(
        { status: "completed" },
        { "key-inflection": "camel", "x-request-id": "r-1" }
      )
      assert.deepStrictEqual(body, {
        error: "validation_failed",
        detail: "A rule is violated",
        statusCode: 422,
        requestId: "r-1",
        errors: [
          {
            path: ["status"],
            code: "immutable_field",
            detail: "cannot be changed: only the external reference and the metadata can"
          }
        ]
      })
      assert.strictEqual(headers.get("x-request-id"), "r-1")
    }))

  test("without the header the key's own casing counts, for errors too; metadata is never touched", () =>
    Effect.gen(function* () {
      const { session, url } = yield* makeWorld()
      const camel = asking(url, (yield* provision({ inflection: "camel" })).secret)
      const path = `/sessions/${session.id}`
      const { body } = yield* camel("PATCH", path, { body: { metadata: { a_b: { c_d: 1 } } } })
      assert.deepInclude(body, { externalRef: "user-42", metadata: { tier: "gold", a_b: { c_d: 1 } } })
      assert.property((yield* camel("PATCH", path, { body: { a: 1 } })).body, "statusCode")
      assert.property((yield* camel("GET", path, { headers: { "verifa-version": "2020-01-01" } })).body, "statusCode")
      assert.property((yield* camel("GET", path, { headers: { "key-inflection": "snake" } })).body, "external_ref")
    }))
})

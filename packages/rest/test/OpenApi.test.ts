/** The OpenAPI document: the contract that clients are made from, guarded by a snapshot, and true. */
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { OpenApi } from "effect/http-api"
import { assert, expect } from "vitest"
import { Api } from "@holdfast/rest"
import { documentSchemas } from "./documentSchemas.ts"
import { makeWorld, test } from "./support.ts"

const document = OpenApi.fromApi(Api)

describe("openapi.json", () => {
  it("is the one in the repository", async () => {
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot("../schema/openapi.json")
  })

  test("is served, and is OpenAPI 3.1", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeWorld()
      const { body, status } = yield* ask("GET", "/openapi.json")
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(body, JSON.parse(JSON.stringify(document)))
      assert.match(String(body["openapi"]), /^3\.1\./)
    }))

  it("has examples that fit its schemas", () => {
    const schemas = documentSchemas(document)
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      for (const example of (schema["examples"] ?? []) as ReadonlyArray<unknown>) {
        assert.deepStrictEqual(schemas.component(name)(example), [], name)
      }
    }
    for (const name of ["Session", "CreateSession", "UpdateSession", "Redaction", "Unprocessable"]) {
      assert.isNotEmpty(document.components.schemas[name]?.["examples"], name)
    }
  })

  it("offers no value for what need not be sent", () => {
    const parameters = Object.values(document.paths).flatMap((item) =>
      Object.values(item).flatMap((operation) => (operation as OpenApi.OpenAPISpecOperation).parameters)
    )
    for (const { name, required, schema } of parameters) {
      if (!required) assert.doesNotHaveAnyKeys(schema, ["example", "examples"], name)
    }
  })

  it("declares for each operation what it can be refused with", () => {
    const statuses = Object.fromEntries(
      Object.values(document.paths).flatMap((item) =>
        Object.values(item).map((operation) => {
          const { operationId, responses } = operation as OpenApi.OpenAPISpecOperation
          return [operationId, Object.keys(responses).join(" ")]
        })
      )
    )
    assert.deepStrictEqual(statuses, {
      "sessions.list": "200 400 401 403 406 422 429 500 503",
      "sessions.create": "201 400 401 403 406 409 413 415 422 429 500 503",
      "sessions.get": "200 304 400 401 403 404 406 412 429 500 503",
      "sessions.update": "200 400 401 403 404 406 409 412 413 415 422 429 500 503",
      "sessions.redact": "200 400 401 403 404 406 409 412 422 429 500 503"
    })
  })
})

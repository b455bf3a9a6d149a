import { makeApiVersions } from "@holdfast/core"
import { assert, describe, it } from "@effect/vitest"
import { provision } from "@holdfast/testing"
import { Effect, Redacted } from "effect"
import { layerTest } from "../Stores.ts"
import { listen, makeWorld, post } from "./World.ts"

const versions = makeApiVersions([
  { date: "2025-01-01", state: { _tag: "retired" }, summary: "" },
  { date: "2025-06-01", state: { _tag: "deprecated", since: "2026-03-01", sunset: "2027-01-31" }, summary: "" },
  { date: "2026-02-01", state: { _tag: "active" }, summary: "" }
])

describe("Verifa-Version", () => {
  it.effect("is the current one unless asked otherwise, and every answer says which", () =>
    Effect.gen(function* () {
      const { client, stranger } = yield* makeWorld()
      const { headers } = yield* client.request("{ viewer { version } }")
      assert.strictEqual(headers.get("verifa-version"), "2026-02-01")
      assert.isNull(headers.get("deprecation"))
      assert.isNull(headers.get("sunset"))
      assert.strictEqual((yield* stranger.request("{ __typename }")).headers.get("verifa-version"), "2026-02-01")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is the one of the header, else the one pinned to the key", () =>
    Effect.gen(function* () {
      const { stranger } = yield* makeWorld()
      const pinned = yield* provision({ version: "2026-01-01" })
      const key = { "x-api-key": Redacted.value(pinned.secret) }
      const versionOf = (headers: Record<string, string>) =>
        Effect.map(stranger.request("{ viewer { version } }", {}, { headers }), (answer) =>
          answer.headers.get("verifa-version")
        )
      assert.strictEqual(yield* versionOf(key), "2026-01-01")
      assert.strictEqual(yield* versionOf({ ...key, "verifa-version": "2026-02-01" }), "2026-02-01")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each(["2026-01-02", "latest", "", "2026-02-01, 2026-02-01"])(
    "that does not exist is a 400 with the list: %s",
    (version) =>
      Effect.gen(function* () {
        const { client, traces } = yield* makeWorld()
        for (const accept of ["application/json", "application/graphql-response+json"]) {
          const request = { headers: { "verifa-version": version, accept } }
          const answer = yield* client.request(`mutation { note(text: "ran") }`, {}, request)
          assert.strictEqual(answer.status, 400)
          assert.isUndefined(answer.data)
          assert.strictEqual(answer.errors[0]?.extensions?.code, "UNSUPPORTED_VERSION")
          assert.include(answer.errors[0]?.message, "2026-01-01, 2026-02-01")
          assert.isNull(answer.headers.get("verifa-version"))
        }
        assert.deepStrictEqual(traces.notes, [])
      }).pipe(Effect.provide(layerTest))
  )

  it.effect("sent twice is no version", () =>
    Effect.gen(function* () {
      const { headers, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const twice = { ...headers, "verifa-version": ["2026-01-01", "2026-02-01"] }
      const { status } = yield* post(port, twice, [JSON.stringify({ query: "{ __typename }" })])
      assert.strictEqual(status, 400)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("that is deprecated is answered, and the answer says since when and until when", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld({ versions })
      const { headers, status } = yield* client.request(
        "{ __typename }",
        {},
        { headers: { "verifa-version": "2025-06-01" } }
      )
      assert.strictEqual(status, 200)
      assert.strictEqual(headers.get("verifa-version"), "2025-06-01")
      assert.strictEqual(headers.get("deprecation"), "@1772323200")
      assert.strictEqual(headers.get("sunset"), "Sun, 31 Jan 2027 00:00:00 GMT")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("that is retired is a 400 that says where to go", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld({ versions })
      const { errors, status } = yield* client.request(
        "{ __typename }",
        {},
        { headers: { "verifa-version": "2025-01-01" } }
      )
      assert.strictEqual(status, 400)
      assert.include(errors[0]?.message, "move to 2026-02-01")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is checked after the document, the variables and the key, and before the inflection", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const headers = { "verifa-version": "none", "key-inflection": "none" }
      const broken = yield* client.request("{ nothing }", {}, { headers })
      assert.strictEqual(broken.errors[0]?.extensions?.code, "GRAPHQL_VALIDATION_FAILED")
      const good = yield* client.request("{ __typename }", {}, { headers })
      assert.strictEqual(good.errors[0]?.extensions?.code, "UNSUPPORTED_VERSION")
    }).pipe(Effect.provide(layerTest))
  )
})

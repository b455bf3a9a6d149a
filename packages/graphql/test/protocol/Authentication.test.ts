import { ApiKeys, RateLimited, Unauthorized, Unavailable } from "@holdfast/core"
import { assert, describe, it } from "@effect/vitest"
import { provision } from "@holdfast/testing"
import { Effect, Redacted } from "effect"
import { getIntrospectionQuery } from "graphql"
import { layerTest } from "../Stores.ts"
import { listen, makeWorld, post } from "./World.ts"

const viewer = "{ viewer { organization } }"

describe("a request without a good key", () => {
  it.effect("is a 401 that says how to authenticate, for every client, and looks the same whatever is wrong", () =>
    Effect.gen(function* () {
      const { apiKey, stranger, headers } = yield* makeWorld()
      const apiKeys = yield* ApiKeys
      const revoked = yield* provision({ organization: "acme" })
      yield* apiKeys.revoke(revoked.apiKey.id)
      const good = headers["x-api-key"]
      const bad = [
        undefined,
        "",
        "nonsense",
        good.slice(0, -1),
        `${good}, ${good}`,
        good.replace("sandbox", "live"),
        Redacted.value(revoked.secret),
        `vk_sandbox_${apiKey.id.slice(4)}`
      ]
      const seen = new Set<string>()
      for (const key of bad) {
        for (const accept of ["application/json", "application/graphql-response+json"]) {
          const request = { "x-api-key": key, "x-request-id": "same", accept }
          const { body, headers, status } = yield* stranger.request(viewer, {}, { headers: request })
          assert.strictEqual(status, 401)
          assert.strictEqual(headers.get("www-authenticate"), 'ApiKey realm="holdfast"')
          assert.notProperty(body, "data")
          seen.add(JSON.stringify(body))
        }
      }
      assert.strictEqual(seen.size, 1)
      assert.include([...seen][0], `"code":"UNAUTHORIZED"`)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("may ask for the schema and for __typename, through fragments too", () =>
    Effect.gen(function* () {
      const { stranger } = yield* makeWorld()
      const documents = [
        "{ __typename }",
        "mutation { __typename }",
        getIntrospectionQuery(),
        `{ ...F } fragment F on Query { __type(name: "Session") { name } }`
      ]
      for (const document of documents) {
        const { errors, status } = yield* stranger.request(document)
        assert.deepStrictEqual(errors, [])
        assert.strictEqual(status, 200)
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("may not ask for data beside it, however it is wrapped", () =>
    Effect.gen(function* () {
      const { stranger, traces } = yield* makeWorld()
      const documents = [
        "{ __typename viewer { organization } }",
        "{ ... on Query { ... { viewer { organization } } } }",
        "{ ...F } fragment F on Query { ...G } fragment G on Query { viewer { organization } }",
        "{ __typename: viewer { organization } }",
        "query ($no: Boolean = false) { viewer @include(if: $no) { organization } }",
        `mutation { note(text: "ran") }`
      ]
      for (const document of documents) {
        const { status } = yield* stranger.request(document)
        assert.strictEqual(status, 401, document)
      }
      assert.deepStrictEqual(traces.notes, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("may not bring a bad key, not even for the schema", () =>
    Effect.gen(function* () {
      const { stranger } = yield* makeWorld()
      for (const document of ["{ __typename }", getIntrospectionQuery()]) {
        const { status } = yield* stranger.request(document, {}, { headers: { "x-api-key": "bad" } })
        assert.strictEqual(status, 401)
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is told to wait once its address failed sixty times in a minute; a good key is not", () =>
    Effect.gen(function* () {
      const { headers, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const { "x-api-key": _, ...keyless } = headers
      const ask = (headers: Record<string, string>) => post(port, headers, [JSON.stringify({ query: viewer })])
      for (let n = 0; n < 60; n++) assert.strictEqual((yield* ask(keyless)).status, 401)
      const refused = yield* ask(keyless)
      assert.strictEqual(refused.status, 429)
      assert.strictEqual(refused.headers["retry-after"], "60")
      const { errors } = JSON.parse(refused.text)
      assert.strictEqual(errors[0].extensions.code, "RATE_LIMITED")
      assert.strictEqual((yield* ask(headers)).status, 200)
    }).pipe(Effect.provide(layerTest))
  )
})

describe("the order", () => {
  const broken = ["{", "{ nothing }", "query ($id: ID!) { node(id: $id) { id } }"]

  it.effect("in development: what is wrong with the document comes first", () =>
    Effect.gen(function* () {
      const { stranger } = yield* makeWorld()
      for (const document of broken) assert.strictEqual((yield* stranger.request(document)).status, 400)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("in production: somebody without a key learns nothing about the schema", () =>
    Effect.gen(function* () {
      const { client, stranger } = yield* makeWorld({ production: true })
      const [parse = "", ...others] = broken
      assert.strictEqual((yield* stranger.request(parse)).status, 400)
      for (const document of others) {
        assert.strictEqual((yield* stranger.request(document)).status, 401)
        assert.strictEqual((yield* client.request(document)).status, 400)
      }
      assert.strictEqual((yield* stranger.request("{ __typename }")).status, 200)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("in production introspection is closed, with a key and without", () =>
    Effect.gen(function* () {
      const { client, stranger } = yield* makeWorld({ production: true })
      for (const document of [getIntrospectionQuery(), `{ __type(name: "Session") { name } }`]) {
        for (const one of [client, stranger]) {
          const { data, errors, status } = yield* one.request(document)
          assert.strictEqual(status, 400)
          assert.isUndefined(data)
          assert.strictEqual(errors[0]?.extensions?.code, "GRAPHQL_VALIDATION_FAILED")
        }
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("the key comes before the other headers", () =>
    Effect.gen(function* () {
      const { stranger } = yield* makeWorld()
      const headers = { "verifa-version": "nonsense", "key-inflection": "nonsense", "idempotency-key": "" }
      const { status } = yield* stranger.request(`mutation { note(text: "ran") }`, {}, { headers })
      assert.strictEqual(status, 401)
    }).pipe(Effect.provide(layerTest))
  )
})

describe("an authenticator of one's own", () => {
  it.effect("is asked once per request, and sees headers, address and request id", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const { caller } = yield* provision()
      const { stranger } = yield* makeWorld(
        {},
        {
          authenticate: ({ address, header, requestId }) => {
            seen.push({ cookie: header("cookie"), address, requestId })
            return Effect.succeed(caller)
          }
        }
      )
      const { data } = yield* stranger.request(viewer, {}, { headers: { cookie: "user=7", "x-request-id": "r" } })
      assert.deepStrictEqual(data, { viewer: { organization: "acme" } })
      assert.deepStrictEqual(seen, [{ cookie: "user=7", address: "127.0.0.1", requestId: "r" }])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("that cannot reach its store is a 503 with the time to wait, and no data", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld({}, { authenticate: () => new Unavailable({ retryAfter: 7 }) })
      for (const accept of ["application/json", "application/graphql-response+json"]) {
        const { data, errors, headers, status } = yield* client.request(viewer, {}, { headers: { accept } })
        assert.strictEqual(status, 503)
        assert.strictEqual(headers.get("retry-after"), "7")
        assert.strictEqual(errors[0]?.extensions?.code, "UNAVAILABLE")
        assert.isUndefined(data)
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("that breaks is a 500 that says nothing", () =>
    Effect.gen(function* () {
      for (const authenticate of [
        () => Effect.die(new Error("canary")),
        () => Effect.promise(() => Promise.reject("canary"))
      ]) {
        const { client, log } = yield* makeWorld({}, { authenticate })
        const { body, status } = yield* client.request(viewer)
        assert.strictEqual(status, 500)
        assert.notInclude(JSON.stringify(body), "canary")
        assert.lengthOf(log, 1)
        assert.notInclude(log[0], "canary")
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("may limit and refuse", () =>
    Effect.gen(function* () {
      const limited = yield* makeWorld({}, { authenticate: () => new RateLimited({ retryAfter: 3 }) })
      const answer = yield* limited.client.request(viewer)
      assert.strictEqual(answer.status, 429)
      assert.strictEqual(answer.headers.get("retry-after"), "3")
      const refused = yield* makeWorld({}, { authenticate: () => new Unauthorized() })
      assert.strictEqual((yield* refused.client.request(viewer)).status, 401)
    }).pipe(Effect.provide(layerTest))
  )
})

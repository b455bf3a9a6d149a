/** The page of GraphiQL: who gets it, how, and above all who gets the key. */
import { assert, describe, it } from "@effect/vitest"
import { makeId } from "@holdfast/testing"
import { Effect, Layer, Redacted } from "effect"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { makeGraphiQL } from "../../src/graphiql/GraphiQL.ts"
import { isLoopbackHost } from "../../src/graphiql/Loopback.ts"
import { Server } from "../../src/server/Server.ts"
import { layerTest } from "../Stores.ts"
import { send } from "./Http.ts"

const key = "vk_sandbox_canary</script>"
const prefill = { key: Redacted.make(key), session: makeId("ses", 7) }

const serving = (page: ReturnType<typeof makeGraphiQL>) =>
  Server.layer({ host: "127.0.0.1", port: 0, graphiql: page, trustProxy: ["127.0.0.1"] }).pipe(Layer.provide(layerTest))

const open = (headers: Record<string, string> = {}) =>
  Effect.flatMap(Server, ({ url }) => send(`${url}/graphql`, { headers: { accept: "text/html", ...headers } }))

it.layer(serving(makeGraphiQL(prefill)))("GraphiQL on a loopback address", (it) => {
  it.effect.each(["127.0.0.1:4000", "localhost", "localhost:4000", "[::1]:4000", "127.1.2.3"])(
    "holds the key for a browser on this machine that asks for %s",
    (host) =>
      Effect.gen(function* () {
        assert.include((yield* open({ host })).body.toString(), "vk_sandbox_canary")
      })
  )

  it.effect.each([
    { host: "evil.example.com" },
    { host: "127.0.0.1.evil.example.com" },
    { host: "localhost@evil.example.com" },
    { host: "evil@localhost" },
    { "x-forwarded-proto": "https" },
    { host: "192.0.2.1:4000" },
    { host: "0.0.0.0:4000" },
    { "x-forwarded-for": "127.0.0.1" },
    { forwarded: "for=127.0.0.1" },
    { via: "1.1 proxy" },
    { "x-forwarded-for": "203.0.113.9" }
  ])("holds neither key nor session for %j", (headers) =>
    Effect.gen(function* () {
      const { body, status } = yield* open(headers)
      assert.strictEqual(status, 200)
      assert.notInclude(body.toString(), "vk_sandbox_canary")
      assert.notInclude(body.toString(), prefill.session)
    })
  )

  it.effect("has five tabs, each named by its operation", () =>
    Effect.gen(function* () {
      const html = (yield* open()).body.toString()
      for (const title of ["UpdateSession", "RetrySafely", "NotFound", "InvalidInput", "ReadBack"]) {
        assert.match(html, new RegExp(`"title":"${title}","query":"# [^"]+(query|mutation) ${title}\\b`))
      }
    })
  )

  it.effect("escapes what would end its script", () =>
    Effect.gen(function* () {
      assert.include((yield* open()).body.toString(), "vk_sandbox_canary\\u003c/script>")
    })
  )

  it.effect("forbids itself to talk to anybody else, and others to frame it", () =>
    Effect.gen(function* () {
      const policy = (yield* open()).headers["content-security-policy"]
      assert.include(policy, "default-src 'none'")
      assert.include(policy, "connect-src 'self'")
      assert.include(policy, "frame-ancestors 'none'")
    })
  )

  it.effect("is compressed as the browser likes it, and the same page each time", () =>
    Effect.gen(function* () {
      const plain = yield* open()
      const brotli = yield* open({ "accept-encoding": "gzip, deflate, br" })
      const gzip = yield* open({ "accept-encoding": "gzip" })
      assert.deepStrictEqual(
        [plain, brotli, gzip].map(({ headers }) => headers["content-encoding"]),
        [undefined, "br", "gzip"]
      )
      assert.isTrue(brotliDecompressSync(brotli.body).equals(plain.body))
      assert.isTrue(gunzipSync(gzip.body).equals(plain.body))
      assert.isBelow(brotli.body.length, 3_000_000)
    })
  )

  it.effect("is not sent again to a browser that has it, and kept by nobody else", () =>
    Effect.gen(function* () {
      const { etag = "", ...headers } = (yield* open()).headers
      assert.strictEqual(headers["cache-control"], "private, no-cache")
      const again = yield* open({ "if-none-match": etag })
      assert.deepStrictEqual([again.status, again.body.length], [304, 0])
      assert.strictEqual((yield* open({ "if-none-match": etag, host: "evil.example.com" })).status, 200)
    })
  )

  it.effect("is for browsers: a program gets GraphQL", () =>
    Effect.gen(function* () {
      const { url } = yield* Server
      const { body, headers } = yield* send(`${url}/graphql?query={__typename}`, {
        headers: { accept: "application/json" }
      })
      assert.match(headers["content-type"] ?? "", /^application\/json/)
      assert.strictEqual(body.toString(), '{"data":{"__typename":"Query"}}')
    })
  )
})

it.layer(serving(makeGraphiQL(null)))("GraphiQL for others too", (it) => {
  it.effect("says where a key goes", () =>
    Effect.gen(function* () {
      assert.include((yield* open()).body.toString(), "vk_sandbox_…")
    })
  )
})

describe("a host is this machine alone", () => {
  it.each(["127.0.0.1", "127.9.9.9", "::1", "localhost"])("%s", (host) => assert.isTrue(isLoopbackHost(host)))
})
describe("a host is other machines' too", () => {
  it.each(["0.0.0.0", "::", "192.0.2.1", "example.com", ""])("%s", (host) => assert.isFalse(isLoopbackHost(host)))
})

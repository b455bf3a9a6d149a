import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { GraphiQLPage } from "../../src/plugins/GraphiQL.ts"
import { layerTest } from "../Stores.ts"
import { makeWorld } from "./World.ts"
import type { World } from "./World.ts"

const ours = "https://app.example.com"

const fetch = ({ yoga }: World, method: string, headers: Record<string, string>) =>
  Effect.promise(async () =>
    yoga.fetch("http://holdfast.test/graphql", {
      method,
      headers,
      ...(method === "POST" && { body: JSON.stringify({ query: "{ __typename }" }) })
    })
  )

const allowedOrigin = (answer: Response) => answer.headers.get("access-control-allow-origin")

const json = { "content-type": "application/json" }
const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" }

describe("a web page of another origin", () => {
  it.effect("cannot read anything unless origins are configured", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const answer = yield* fetch(world, "POST", { ...json, origin: ours })
      assert.isFalse([...answer.headers.keys()].some((name) => name.startsWith("access-control-")))
      assert.strictEqual((yield* fetch(world, "OPTIONS", { ...preflight, origin: ours })).status, 405)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("can when its origin is listed, without cookies, and sees the headers of the contract", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ corsOrigins: ["https://other.example.com", ours] })
      const answer = yield* fetch(world, "POST", { ...json, origin: ours })
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(allowedOrigin(answer), ours)
      assert.isNull(answer.headers.get("access-control-allow-credentials"))
      assert.include(answer.headers.get("access-control-expose-headers"), "Idempotent-Replayed")
      assert.include(answer.headers.get("vary"), "Origin")

      const asked = yield* fetch(world, "OPTIONS", { ...preflight, origin: ours })
      assert.strictEqual(asked.status, 204)
      assert.strictEqual(allowedOrigin(asked), ours)
      assert.include(asked.headers.get("access-control-allow-headers"), "X-API-Key")
      assert.include(asked.headers.get("access-control-allow-methods"), "POST")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each([
    "null",
    "https://app.example.com.evil.test",
    "http://app.example.com",
    "https://app.example.com:444",
    "*"
  ])("cannot when its origin is %s, and caches keep the answers apart", (origin) =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ corsOrigins: [ours] })
      for (const answer of [
        yield* fetch(world, "POST", { ...json, origin }),
        yield* fetch(world, "OPTIONS", { ...preflight, origin }),
        yield* fetch(world, "POST", json)
      ]) {
        assert.isNull(allowedOrigin(answer))
        assert.include(answer.headers.get("vary"), "Origin")
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("can read refusals too", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ corsOrigins: [ours] })
      const answer = yield* fetch(world, "POST", { ...json, "x-api-key": "bad", origin: ours })
      assert.strictEqual(answer.status, 401)
      assert.strictEqual(allowedOrigin(answer), ours)
    }).pipe(Effect.provide(layerTest))
  )
})

describe("every answer", () => {
  it.effect("is kept by nobody, and its type is not guessed", () =>
    Effect.gen(function* () {
      const { client, stranger } = yield* makeWorld()
      const answers = [
        yield* client.request("{ viewer { organization } }"),
        yield* stranger.request("{ viewer { organization } }"),
        yield* client.request("{")
      ]
      for (const { headers } of answers) {
        assert.strictEqual(headers.get("cache-control"), "no-store")
        assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
      }
    }).pipe(Effect.provide(layerTest))
  )
})

describe("GraphiQL", () => {
  const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" }
  const graphiql: GraphiQLPage = (_, { address }) =>
    new Response(`<title>${address}</title>`, {
      headers: { "content-type": "text/html", "cache-control": "max-age=60" }
    })

  it.effect("is the answer to a browser that opens the endpoint, as its maker wants it cached", () =>
    Effect.gen(function* () {
      const answer = yield* fetch(yield* makeWorld({ graphiql }), "GET", html)
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(yield* Effect.promise(() => answer.text()), "<title>null</title>")
      assert.strictEqual(answer.headers.get("cache-control"), "max-age=60")
      assert.strictEqual(answer.headers.get("x-content-type-options"), "nosniff")
      assert.match(answer.headers.get("x-request-id") ?? "", /^req_/)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is not there in production, nor where none is given", () =>
    Effect.gen(function* () {
      for (const options of [{ graphiql, production: true }, {}]) {
        const answer = yield* fetch(yield* makeWorld(options), "GET", html)
        assert.strictEqual(answer.status, 400)
        assert.include(answer.headers.get("content-type"), "json")
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("that breaks is a 500 without a word, and is logged", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({
        graphiql: () => {
          throw new Error("canary")
        }
      })
      const answer = yield* fetch(world, "GET", html)
      assert.strictEqual(answer.status, 500)
      assert.strictEqual(yield* Effect.promise(() => answer.text()), "")
      assert.lengthOf(world.log, 1)
      assert.notInclude(world.log[0], "canary")
    }).pipe(Effect.provide(layerTest))
  )
})

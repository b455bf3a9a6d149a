/** What the server answers where. */
import { assert, describe, it } from "@effect/vitest"
import { SessionStore, StoreError } from "@holdfast/core"
import { provision } from "@holdfast/testing"
import { Deferred, Effect, Fiber, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { makeGraphiQL } from "../../src/graphiql/GraphiQL.ts"
import type { Listener } from "../../src/server/HttpServer.ts"
import { Server } from "../../src/server/Server.ts"
import type { ServerOptions } from "../../src/server/Server.ts"
import { layerTest } from "../Stores.ts"
import { ask, jsonOf, send } from "./Http.ts"

const local = { host: "127.0.0.1", port: 0 }

const serving = (options: Partial<ServerOptions> = {}) =>
  Server.layer({ ...local, ...options }).pipe(Layer.provideMerge(layerTest))

/** A store of which nothing but the readiness matters. */
const withReadiness = (ready: SessionStore["Service"]["ready"]) => {
  const broken = Layer.effect(
    SessionStore,
    Effect.map(SessionStore, (store) => ({ ...store, ready }))
  )
  return Server.layer(local).pipe(Layer.provide(broken), Layer.provide(layerTest))
}

it.layer(serving())("a server", (it) => {
  it.effect("is healthy and ready, and nobody may keep that answer", () =>
    Effect.gen(function* () {
      const { url } = yield* Server
      const health = yield* send(`${url}/health`)
      const ready = yield* send(`${url}/ready?verbose`)
      assert.deepStrictEqual([health.status, jsonOf(health)], [200, { status: "ok" }])
      assert.deepStrictEqual([ready.status, jsonOf(ready)], [200, { status: "ready" }])
      assert.strictEqual(ready.headers["cache-control"], "no-store")
      assert.match(String(ready.headers["x-request-id"]), /^req_/)
    })
  )

  it.effect("answers GraphQL to whoever has a key", () =>
    Effect.gen(function* () {
      const { url } = yield* Server
      const { secret } = yield* provision()
      const answer = yield* ask(url, "{ viewer { organization } }", { "x-api-key": Redacted.value(secret) })
      assert.strictEqual(answer.status, 200)
      assert.deepInclude(jsonOf(answer), { data: { viewer: { organization: "acme" } } })
    })
  )

  it.effect.each([
    ["GET", "/"],
    ["GET", "/nothing"],
    ["GET", "/graphql/"],
    ["POST", "/health"],
    ["GET", "/__proto__"],
    ["GET", "//graphql"]
  ])("has nothing at %s %s, and says so with the id of the request", ([method, path]) =>
    Effect.gen(function* () {
      const { url } = yield* Server
      const answer = yield* send(url + path, { method: method ?? "" })
      const { "x-request-id": requestId } = answer.headers
      assert.strictEqual(answer.status, 404)
      assert.match(String(requestId), /^req_/)
      assert.deepStrictEqual(jsonOf(answer), {
        error: "not_found",
        detail: "There is nothing here; ask /graphql",
        status_code: 404,
        request_id: requestId,
        errors: []
      })
    })
  )

  it.effect("tells the port that it took", () =>
    Effect.gen(function* () {
      const { port, url } = yield* Server
      assert.isAbove(port, 0)
      assert.strictEqual(url, `http://127.0.0.1:${port}`)
    })
  )

  it.effect("says which variable to change when its port is taken", () =>
    Effect.gen(function* () {
      const { port } = yield* Server
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Server.layer({ ...local, port }))))
      assert.strictEqual(
        error.message,
        `PORT ${port} is in use on 127.0.0.1: stop what listens there, or set PORT to another`
      )
    })
  )

  it.effect("says which variable to change when it has no such address", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Server.layer({ ...local, host: "192.0.2.1" }))))
      assert.strictEqual(error.message, "HOST 192.0.2.1 is not an address of this machine")
    })
  )
})

it.layer(serving({ graphiql: makeGraphiQL(null) }))("a server with GraphiQL", (it) => {
  it.effect("leads people there", () =>
    Effect.gen(function* () {
      const answer = yield* send(`${(yield* Server).url}/`)
      assert.deepStrictEqual([answer.status, answer.headers.location], [302, "/graphql"])
    })
  )
})

it.layer(serving({ graphiql: makeGraphiQL(null), production: true }))("a server in production", (it) => {
  it.effect("has no GraphiQL, whoever asks", () =>
    Effect.gen(function* () {
      const { url } = yield* Server
      assert.strictEqual((yield* send(`${url}/`, { headers: { accept: "text/html" } })).status, 404)
      const { headers, status } = yield* send(`${url}/graphql`, { headers: { accept: "text/html" } })
      assert.isAtLeast(status, 400)
      assert.notInclude(headers["content-type"] ?? "", "text/html")
    })
  )
})

describe("a server is not ready", () => {
  it.effect("when the store cannot answer", () =>
    Effect.gen(function* () {
      const answer = yield* send(`${(yield* Server).url}/ready`)
      assert.deepStrictEqual([answer.status, jsonOf(answer)], [503, { status: "unavailable" }])
    }).pipe(Effect.provide(withReadiness(Effect.fail(new StoreError({ outcome: "not_applied", cause: "down" })))))
  )

  it.effect("when the store takes more than two seconds to answer", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const hanging = withReadiness(Effect.andThen(Deferred.succeed(asked, undefined), Effect.never))
      yield* Effect.gen(function* () {
        const answer = yield* Effect.forkChild(send(`${(yield* Server).url}/ready`))
        yield* Deferred.await(asked)
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual((yield* Fiber.join(answer)).status, 503)
      }).pipe(Effect.provide(hanging))
    })
  )
})

const echo: Listener = (request, response) => void response.end(`elsewhere ${request.url}`)

it.layer(serving({ elsewhere: Effect.succeed(echo) }))("a server with something mounted elsewhere", (it) => {
  it.effect("leaves everything to it that it does not answer itself", () =>
    Effect.gen(function* () {
      const { url } = yield* Server
      assert.strictEqual((yield* send(`${url}/api/v1/sessions`)).body.toString(), "elsewhere /api/v1/sessions")
      assert.strictEqual((yield* send(`${url}/health`)).status, 200)
      assert.strictEqual((yield* ask(url, "{ __typename }")).status, 200)
    })
  )
})

it.layer(serving({ elsewhere: Effect.die(new Error("It cannot be loaded")) }))(
  "a server whose mount is broken",
  (it) => {
    it.effect("answers 500 there, and serves everything else", () =>
      Effect.gen(function* () {
        const { url } = yield* Server
        const answer = yield* send(`${url}/api/v1/sessions`)
        assert.strictEqual(answer.status, 500)
        assert.deepInclude(jsonOf(answer), { error: "internal_server_error" })
        assert.strictEqual((yield* ask(url, "{ __typename }")).status, 200)
      })
    )
  }
)

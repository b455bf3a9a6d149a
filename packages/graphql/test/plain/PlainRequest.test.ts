/** A plain request, seen as the plugins see it: with the headers, the bytes and the signal that a `Request` would have. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { createServer, request } from "node:http"
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { PlainRequest } from "../../src/plain/PlainRequest.ts"

/** A request on a real port that nobody answers yet: both its ends. */
const exchange = Effect.gen(function* () {
  const came = yield* Deferred.make<readonly [IncomingMessage, ServerResponse]>()
  const server = createServer((...pair) => void Deferred.doneUnsafe(came, Effect.succeed(pair)))
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const { port } = server.address() as AddressInfo
  const client = request({ host: "127.0.0.1", port, path: "/graphql", method: "POST", headers: { "X-One": "1" } })
  client.on("error", () => {}).end()
  const [incoming, response] = yield* Deferred.await(came)
  return { client, response, port, plain: new PlainRequest(incoming, response, Buffer.from("{}")) }
})

const closed = (response: ServerResponse, by: () => void) =>
  Effect.callback<void>((resume) => {
    response.once("close", () => resume(Effect.void))
    by()
  })

const leave = (client: ClientRequest, response: ServerResponse) => closed(response, () => client.destroy())

describe("a plain request", () => {
  it.effect("has what it was sent with", () =>
    Effect.gen(function* () {
      const { plain, port } = yield* exchange
      assert.strictEqual(plain.method, "POST")
      assert.strictEqual(plain.url, `http://127.0.0.1:${port}/graphql`)
      assert.strictEqual(plain.headers.get("X-ONE"), "1")
      assert.isTrue(plain.headers.has("x-one"))
      assert.isNull(plain.headers.get("constructor"))
      assert.includeMembers([...plain.headers.keys()], ["host", "x-one"])
      assert.strictEqual(String(plain.bytes()), "{}")
    })
  )

  it.effect("is called off when the client goes away, whether somebody watched or asks only then", () =>
    Effect.gen(function* () {
      const watched = yield* exchange
      const { signal } = watched.plain
      assert.isFalse(signal.aborted)
      yield* leave(watched.client, watched.response)
      assert.isTrue(signal.aborted)

      const unwatched = yield* exchange
      yield* leave(unwatched.client, unwatched.response)
      assert.isTrue(unwatched.plain.signal.aborted)
    })
  )

  it.effect("is not called off by its answer", () =>
    Effect.gen(function* () {
      const { plain, response } = yield* exchange
      yield* closed(response, () => response.end("{}"))
      assert.isFalse(plain.signal.aborted)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { connect } from "node:net"
import { layerTest } from "../Stores.ts"
import { listen, makeWorld, post } from "./World.ts"

const query = (text: string) => [JSON.stringify({ query: text })]

/** Sends bytes as they are; answers what comes back before the connection is closed. */
const raw = (port: number, bytes: string): Effect.Effect<string> =>
  Effect.callback((resume) => {
    let received = ""
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes))
    socket.on("data", (part) => {
      received += part.toString()
    })
    socket.on("close", () => resume(Effect.succeed(received)))
    socket.on("error", () => {})
  })

describe("X-Request-Id", () => {
  it.effect("is made up for a request that has none, and is in every answer", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { headers } = yield* client.request("{ __typename }")
      assert.match(headers.get("x-request-id") ?? "", /^req_[0-9a-z]{26}$/)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each(["a", "A-b_c.9", "x".repeat(128)])("is kept when it is a good one: %s", (id) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { headers } = yield* client.request("{ __typename }", {}, { headers: { "x-request-id": id } })
      assert.strictEqual(headers.get("x-request-id"), id)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each(["", "x".repeat(129), "a b", "a,b", "a/b", "ä"])("is replaced when it is not: %s", (id) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { headers } = yield* client.request("{ __typename }", {}, { headers: { "x-request-id": id } })
      assert.match(headers.get("x-request-id") ?? "", /^req_/)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is replaced when it is sent twice", () =>
    Effect.gen(function* () {
      const { headers, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const answer = yield* post(port, { ...headers, "x-request-id": ["one", "two"] }, query("{ __typename }"))
      assert.match(String(answer.headers["x-request-id"]), /^req_/)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is in the errors too, in the header and in their extensions", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      for (const document of ["{", "{ nothing }", "{ throws }"]) {
        const { errors, headers } = yield* client.request(document, {}, { headers: { "x-request-id": "mine" } })
        assert.strictEqual(headers.get("x-request-id"), "mine")
        assert.strictEqual(errors[0]?.extensions?.["requestId"], "mine")
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is in answers that are no GraphQL at all", () =>
    Effect.gen(function* () {
      const { yoga } = yield* makeWorld()
      const ask = (path: string, init: RequestInit) =>
        Effect.promise(async () => yoga.fetch(`http://holdfast.test${path}`, init))
      const answers = [
        [404, yield* ask("/elsewhere", { method: "GET" })],
        [405, yield* ask("/graphql", { method: "DELETE" })],
        [406, yield* ask("/graphql", { method: "GET", headers: { accept: "image/png" } })],
        [415, yield* ask("/graphql", { method: "POST", body: "{}", headers: { "content-type": "text/plain" } })]
      ] as const
      for (const [status, answer] of answers) {
        assert.strictEqual(answer.status, status)
        assert.match(answer.headers.get("x-request-id") ?? "", /^req_/)
      }
    }).pipe(Effect.provide(layerTest))
  )
})

describe("the client's address", () => {
  const address = Effect.fnUntraced(function* (
    trustProxy: ReadonlyArray<string>,
    forwarded?: string | ReadonlyArray<string>
  ) {
    const { headers, yoga } = yield* makeWorld({ trustProxy })
    const port = yield* listen(yoga)
    const forward = forwarded === undefined ? {} : { "x-forwarded-for": forwarded }
    const { text } = yield* post(port, { ...headers, ...forward }, query("{ address }"))
    return JSON.parse(text).data.address
  })

  it.effect("is the peer of the socket, whatever a header says", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* address([]), "127.0.0.1")
      assert.strictEqual(yield* address([], "203.0.113.9"), "127.0.0.1")
      assert.strictEqual(yield* address(["10.0.0.0/8"], "203.0.113.9"), "127.0.0.1")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is the right-most entry of X-Forwarded-For that is no trusted proxy, if the peer is one", () =>
    Effect.gen(function* () {
      const trusted = ["127.0.0.0/8", "10.0.0.0/8", "2001:db8:1::/48"]
      assert.strictEqual(yield* address(trusted), "127.0.0.1")
      assert.strictEqual(yield* address(trusted, "203.0.113.9"), "203.0.113.9")
      assert.strictEqual(yield* address(trusted, "198.51.100.1, 203.0.113.9, 10.1.2.3"), "203.0.113.9")
      assert.strictEqual(yield* address(trusted, ["198.51.100.1", "203.0.113.9", "::ffff:10.1.2.3"]), "203.0.113.9")
      assert.strictEqual(yield* address(trusted, "::ffff:203.0.113.9"), "203.0.113.9")
      assert.strictEqual(yield* address(trusted, "2001:db8:2::1, 2001:db8:1::7"), "2001:db8:2::1")
      assert.strictEqual(yield* address(trusted, "203.0.113.9:4711, 10.0.0.1:80"), "203.0.113.9")
      assert.strictEqual(yield* address(trusted, "[2001:db8:2::1]:4711"), "2001:db8:2::1")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is the left-most entry if all are trusted, and unknown if what stands there is no address", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* address(["127.0.0.0/8", "10.0.0.0/8"], "10.0.0.9, 10.0.0.1"), "10.0.0.9")
      assert.isNull(yield* address(["127.0.0.0/8"], "unknown"))
      assert.isNull(yield* address(["127.0.0.0/8"], "<script>, 127.0.0.1"))
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is unknown in process", () =>
    Effect.gen(function* () {
      const { inProcess } = yield* makeWorld()
      const { data } = yield* inProcess.request("{ address }", {}, { headers: { "x-forwarded-for": "203.0.113.9" } })
      assert.deepStrictEqual(data, { address: null })
    }).pipe(Effect.provide(layerTest))
  )
})

describe("a client that goes away", () => {
  it.live.each(["plain", "Yoga"])("interrupts what runs for it, and nothing is logged as a failure: %s", (host) =>
    Effect.gen(function* () {
      const { headers, log, traces, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const body = query("{ hangs }")
      const length = host === "plain" ? { "content-length": String(Buffer.byteLength(body.join(""))) } : {}
      const request = yield* Effect.forkChild(post(port, { ...headers, ...length }, body))
      yield* Effect.yieldNow.pipe(Effect.repeat({ until: () => traces.begun === 1 }))
      yield* Fiber.interrupt(request)
      yield* Effect.yieldNow.pipe(Effect.repeat({ until: () => traces.interrupted === 1 }))
      // The server still serves.
      const { status } = yield* post(port, headers, query("{ __typename }"))
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.live("stops a document before its next mutation", () =>
    Effect.gen(function* () {
      const { client, traces } = yield* makeWorld()
      const request = yield* Effect.forkChild(client.request(`mutation { hangsToo note(text: "after") }`))
      yield* Effect.yieldNow.pipe(Effect.repeat({ until: () => traces.begun === 1 }))
      yield* Fiber.interrupt(request)
      yield* Effect.yieldNow.pipe(Effect.repeat({ until: () => traces.interrupted === 1 }))
      // Whoever still asks is served, and by then the other document would have gone on.
      yield* client.request(`mutation { note(text: "other") }`)
      assert.deepStrictEqual(traces.notes, ["other"])
    }).pipe(Effect.provide(layerTest))
  )

  it.live("may do so in the middle of its body", () =>
    Effect.gen(function* () {
      const { headers, log, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const half = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"query"`
      const socket = connect(port, "127.0.0.1", () => socket.write(half, () => setImmediate(() => socket.destroy())))
      yield* Effect.callback<void>((resume) => {
        socket.once("close", () => resume(Effect.void))
      })
      const { status } = yield* post(port, headers, query("{ __typename }"))
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(layerTest))
  )
})

describe("a hostile request", () => {
  it.effect("with a host or a target that makes no URL is answered, and not with a stack", () =>
    Effect.gen(function* () {
      const { yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const query = "/graphql?query=%7B__typename%7D"
      const odd = [
        ...["[", "a b", "%", "x:99999", "//", ""].map((host) => [host, query]),
        ...["*", "//", "http://[/graphql", "http://x/graphql"].map((target) => ["x", target])
      ]
      for (const [host, target] of odd) {
        const answer = yield* raw(port, `GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
        assert.match(answer, /^HTTP\/1.1 (200|400|404) /, `${host} ${target}`)
        assert.notMatch(answer, /node_modules|\.ts:|\.js:/, `${host} ${target}`)
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("with a huge header is refused by Node, and one below Node's limit is served", () =>
    Effect.gen(function* () {
      const { headers, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const huge = yield* post(port, { ...headers, "x-request-id": "x".repeat(20_000) }, query("{ __typename }"))
      assert.strictEqual(huge.status, 431)
      const large = yield* post(port, { ...headers, "x-request-id": "x".repeat(10_000) }, query("{ __typename }"))
      assert.strictEqual(large.status, 200)
      assert.match(String(large.headers["x-request-id"]), /^req_/)
    }).pipe(Effect.provide(layerTest))
  )
})

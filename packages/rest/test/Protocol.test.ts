/** HTTP around the operations: what is refused before the library is asked, and what every answer carries. */
import { describe } from "@effect/vitest"
import { Authenticator, layerMemory, RateLimited, Sessions } from "@holdfast/core"
import { Faults, layerOver, layerTest, provision } from "@holdfast/testing"
import { Effect, Layer, Redacted } from "effect"
import { connect } from "node:net"
import { assert } from "vitest"
import { asking, makeWorld, serve, test, testOver } from "./support.ts"
import type { Answer } from "./support.ts"

const envelope = ({ body, headers, status }: Answer, error: string, expected: number) => {
  assert.strictEqual(status, expected)
  assert.deepInclude(body, { error, status_code: expected, request_id: headers.get("x-request-id"), errors: [] })
  assert.hasAllKeys(body, ["error", "detail", "status_code", "request_id", "errors"])
}

describe("paths and methods", () => {
  test("an unknown path is 404, and an unknown id is 404", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeWorld()
      for (const path of ["/", "/api/v1", "/api/v2/sessions", "/sessions/a/b", "/sessions/a", "/%E0%A4%A"]) {
        envelope(yield* ask("GET", path), "not_found", 404)
      }
      envelope(yield* ask("GET", `/sessions/${"x".repeat(5_000)}`), "not_found", 404)
    }))

  test("a path is another one in other letters, or with other slashes", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeWorld()
      for (const path of [
        "/API/v1/sessions",
        "/api/v1/Sessions",
        "/api//v1/sessions",
        "/sessions/",
        "/openapi.json/"
      ]) {
        envelope(yield* ask("GET", path), "not_found", 404)
      }
    }))

  test("a method that a path does not have is 405 with those that it has", () =>
    Effect.gen(function* () {
      const { ask, session } = yield* makeWorld()
      for (const [method, path, allow] of [
        ["PUT", "/sessions", "GET, HEAD, POST, OPTIONS"],
        ["POST", `/sessions/${session.id}`, "GET, HEAD, PATCH, OPTIONS"],
        ["GET", `/sessions/${session.id}/data`, "DELETE, OPTIONS"],
        ["HEAD", `/sessions/${session.id}/data`, "DELETE, OPTIONS"],
        ["DELETE", "/openapi.json", "GET, HEAD, OPTIONS"],
        ["POST", "/docs", "GET, HEAD, OPTIONS"]
      ] as const) {
        const answer = yield* ask(method, path)
        assert.strictEqual(answer.status, 405)
        assert.strictEqual(answer.headers.get("allow"), allow)
        if (method !== "HEAD") envelope(answer, "malformed_request", 405)
        const options = yield* ask("OPTIONS", path)
        assert.deepStrictEqual([options.status, options.text, options.headers.get("allow")], [204, "", allow])
      }
    }))

  test("HEAD is GET without the body", () =>
    Effect.gen(function* () {
      const { ask, session } = yield* makeWorld()
      const path = `/sessions/${session.id}`
      const [head, get] = [yield* ask("HEAD", path), yield* ask("GET", path)]
      assert.deepStrictEqual([head.status, head.text], [200, ""])
      for (const name of ["etag", "content-type", "content-length", "verifa-version"]) {
        assert.strictEqual(head.headers.get(name), get.headers.get(name))
      }
    }))

  test("a creation says where the session is", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeWorld()
      const { body, headers, status } = yield* ask("POST", "/sessions")
      assert.strictEqual(status, 201)
      assert.strictEqual(headers.get("location"), `/api/v1/sessions/${String(body["id"])}`)
      assert.deepStrictEqual((yield* ask("GET", headers.get("location") ?? "")).body, body)
    }))
})

describe("media types", () => {
  test("a body that is not JSON in UTF-8 is 415", () =>
    Effect.gen(function* () {
      const { ask, patch } = yield* makeWorld()
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "json"
      ]) {
        envelope(yield* patch("{}", { "content-type": type }), "malformed_request", 415)
      }
      envelope(yield* patch("{}", { "content-encoding": "gzip" }), "malformed_request", 415)
      assert.strictEqual((yield* patch("{}", { "content-encoding": "Identity" })).status, 200)
      for (const type of ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"']) {
        assert.strictEqual((yield* patch("{}", { "content-type": type })).status, 200)
      }
      assert.strictEqual((yield* ask("POST", "/sessions", { headers: { "content-type": "text/plain" } })).status, 415)
    }))

  test("a client that takes no JSON is 406", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      for (const accept of [
        "text/html",
        "application/xml, text/*;q=0.5",
        "application/jsonp",
        "*/*;q=0",
        "application/json;q=0, */*"
      ]) {
        envelope(yield* patch({}, { accept }), "malformed_request", 406)
      }
      for (const accept of [
        "*/*",
        "",
        "text/html, application/json;q=0.1",
        "application/*",
        "Application/JSON",
        "*/*;q=0, application/*"
      ]) {
        assert.strictEqual((yield* patch({}, { accept })).status, 200)
      }
    }))

  test("a body of more than 1 MB is 413, with and without its length", () =>
    Effect.gen(function* () {
      const { patch, secret, session, url } = yield* makeWorld()
      const fits = JSON.stringify({ metadata: {} }).padEnd(1_048_576)
      assert.strictEqual((yield* patch(fits)).status, 200)
      envelope(yield* patch(`${fits} `), "payload_too_large", 413)
      const chunked = yield* Effect.promise(() => {
        const headers = { "x-api-key": Redacted.value(secret), "content-type": "application/json" }
        const init = { method: "PATCH", headers, body: new Blob([fits, fits]).stream(), duplex: "half" } as const
        return fetch(`${url}/api/v1/sessions/${session.id}`, init)
      })
      assert.strictEqual(chunked.status, 413)
    }))

  test("bytes that are no UTF-8 are 400, and never replaced", () =>
    Effect.gen(function* () {
      const { secret, session, url } = yield* makeWorld()
      const response = yield* Effect.promise(() =>
        fetch(`${url}/api/v1/sessions/${session.id}`, {
          method: "PATCH",
          headers: { "x-api-key": Redacted.value(secret), "content-type": "application/json" },
          body: Buffer.concat([Buffer.from('{"external_ref":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
        })
      )
      assert.strictEqual(response.status, 400)
    }))
})

describe("who asks", () => {
  test("every bad key has the same answer", () =>
    Effect.gen(function* () {
      const { secret, session, url } = yield* makeWorld()
      const good = Redacted.value(secret)
      for (const key of [null, "", "x", good.slice(0, -1), `${good}x`, good.replace("sandbox", "live")]) {
        const answer = yield* asking(url, key === null ? null : Redacted.make(key))("GET", `/sessions/${session.id}`)
        envelope(answer, "unauthorized", 401)
        assert.strictEqual(answer.headers.get("www-authenticate"), 'ApiKey realm="holdfast"')
      }
    }))

  test("what cannot be read is refused before anybody asks who sent it, and all else after", () =>
    Effect.gen(function* () {
      const { session, url } = yield* makeWorld()
      const nobody = asking(url, null)
      const path = `/sessions/${session.id}`
      assert.strictEqual((yield* nobody("PATCH", path, { body: "{" })).status, 400)
      assert.strictEqual((yield* nobody("GET", "/sessions?limit=1&limit=2")).status, 400)
      const asked = { body: { nonsense: 1 }, headers: { "verifa-version": "x", "key-inflection": "x" } }
      assert.strictEqual((yield* nobody("PATCH", path, asked)).status, 401)
    }))

  test("the version comes before the casing, the casing before the idempotency key, and that before the scope", () =>
    Effect.gen(function* () {
      const { session, url } = yield* makeWorld()
      const reader = asking(url, (yield* provision({ scopes: ["sessions:read"] })).secret)
      const headers = { "verifa-version": "x", "key-inflection": "x", "idempotency-key": "\u00e9" }
      const errors: Array<unknown> = []
      for (const name of [null, "verifa-version", "key-inflection", "idempotency-key"] as const) {
        if (name !== null) Reflect.deleteProperty(headers, name)
        errors.push((yield* reader("PATCH", `/sessions/${session.id}`, { body: { no: 1 }, headers })).body["error"])
      }
      assert.deepStrictEqual(errors, [
        "unsupported_version",
        "invalid_inflection",
        "invalid_idempotency_key",
        "insufficient_scope"
      ])
    }))

  test("an idempotency key that is repeated, empty or too long is refused; a read ignores it", () =>
    Effect.gen(function* () {
      const { ask, patch, secret, session, url } = yield* makeWorld()
      for (const key of ["", '""', "a b", "x".repeat(256)]) {
        envelope(yield* patch({}, { "idempotency-key": key }), "invalid_idempotency_key", 400)
      }
      const path = `/api/v1/sessions/${session.id}`
      assert.strictEqual((yield* ask("GET", path, { headers: { "idempotency-key": "a b" } })).status, 200)
      const { port } = new URL(url)
      const repeated = yield* raw(
        Number(port),
        `PATCH ${path} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${Redacted.value(secret)}\r\nContent-Type: application/json\r\n` +
          "Idempotency-Key: a\r\nIdempotency-Key: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
      )
      assert.match(repeated, /^HTTP\/1\.1 400 [\s\S]*"invalid_idempotency_key"/)
    }))

  test("the client's address is what the server says it is", () =>
    Effect.gen(function* () {
      const { session } = yield* makeWorld()
      const { secret } = yield* provision({ allowList: ["203.0.113.0/24", "192.0.2.1"] })
      const url = yield* serve({ trustProxy: ["127.0.0.1"] })
      const ask = asking(url, secret)
      const from = (address: string) =>
        ask("GET", `/sessions/${session.id}`, { headers: { "x-forwarded-for": address } })
      assert.strictEqual((yield* from("203.0.113.9")).status, 200)
      assert.strictEqual((yield* from("198.51.100.1")).status, 401)
      assert.strictEqual((yield* asking(yield* serve(), secret)("GET", `/sessions/${session.id}`)).status, 401)
    }))
})

describe("every answer", () => {
  test("carries the request's id: the one that was sent, if it is one", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeWorld()
      const idOf = (given: string) =>
        Effect.map(ask("GET", "/nope", { headers: { "x-request-id": given } }), ({ body, headers }) => {
          assert.strictEqual(body["request_id"], headers.get("x-request-id"))
          return headers.get("x-request-id") ?? ""
        })
      assert.strictEqual(yield* idOf("trace-1.a_B"), "trace-1.a_B")
      for (const given of ["", "a b", "x".repeat(129), "<script>"]) {
        assert.match(yield* idOf(given), /^req_[0-9a-z]{26}$/)
      }
    }))

  test("is stored by nobody, and read as what it is", () =>
    Effect.gen(function* () {
      const { ask, patch } = yield* makeWorld()
      for (const { headers } of [yield* patch({}), yield* ask("GET", "/nope"), yield* ask("GET", "/sessions")]) {
        assert.strictEqual(headers.get("cache-control"), "no-store")
        assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
      }
    }))

  test("is for pages of the listed origins alone", () =>
    Effect.gen(function* () {
      const allowed = "https://app.example.com"
      const { ask } = yield* makeWorld({ corsOrigins: [allowed, "https://b.example.com"] })
      const preflight = { "access-control-request-method": "PATCH", "access-control-request-headers": "x-api-key" }
      const yes = yield* ask("OPTIONS", "/sessions", { headers: { origin: allowed, ...preflight } })
      assert.strictEqual(yes.status, 204)
      assert.strictEqual(yes.headers.get("access-control-allow-origin"), allowed)
      assert.include(yes.headers.get("access-control-allow-headers"), "If-Match")
      assert.match(yes.headers.get("x-request-id") ?? "", /^req_/)
      const plain = yield* ask("OPTIONS", "/sessions", { headers: { origin: allowed } })
      assert.deepStrictEqual([plain.status, plain.headers.get("allow")], [204, "GET, HEAD, POST, OPTIONS"])
      assert.strictEqual((yield* ask("OPTIONS", "/nope", { headers: { origin: allowed } })).status, 404)
      const read = yield* ask("GET", "/sessions", { headers: { origin: allowed } })
      assert.include(read.headers.get("access-control-expose-headers"), "ETag")
      const no = yield* ask("GET", "/sessions", { headers: { origin: "https://evil.example.com" } })
      assert.isFalse(no.headers.has("access-control-allow-origin"))
      const off = yield* makeWorld()
      const none = yield* off.ask("GET", "/sessions", { headers: { origin: allowed } })
      assert.isFalse(none.headers.has("access-control-allow-origin"))
    }))
})

describe("trouble", () => {
  const testBroken = (sessions: Partial<Sessions["Service"]>) =>
    testOver(
      Layer.effect(
        Sessions,
        Effect.map(Sessions, (service) => ({ ...service, ...sessions }))
      ).pipe(Layer.provideMerge(layerTest))
    )

  testBroken({ update: () => Effect.die(new Error("personal data")) })(
    "a bug is 500 with the request's id, and nothing of what was thrown",
    () =>
      Effect.gen(function* () {
        const { patch } = yield* makeWorld()
        const answer = yield* patch({})
        envelope(answer, "internal_server_error", 500)
        assert.notInclude(answer.text, "personal")
      })
  )

  const throws = () => {
    throw new TypeError("personal data")
  }
  testBroken({ update: throws })("a bug that is thrown at once is 500 as well", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      envelope(yield* patch({}), "internal_server_error", 500)
    })
  )

  testOver(layerOver(Faults.layerFaulty(layerMemory)))("a store that is down is 503, to be asked again later", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      yield* (yield* Faults.Faults).always(Faults.refuse, "sessions.load")
      const answer = yield* patch({})
      envelope(answer, "unavailable", 503)
      assert.strictEqual(answer.headers.get("retry-after"), "1")
    })
  )

  test("a rate limit is 429 with the seconds to wait", () =>
    Effect.gen(function* () {
      const limited = Layer.succeed(Authenticator, {
        authenticate: () => Effect.fail(new RateLimited({ retryAfter: 30 }))
      })
      const url = yield* Effect.provide(serve(), limited)
      const answer = yield* asking(url, null)("GET", "/sessions")
      envelope(answer, "rate_limited", 429)
      assert.strictEqual(answer.headers.get("retry-after"), "30")
    }))

  test("a client that goes away is no bug, and the server goes on", () =>
    Effect.gen(function* () {
      const { ask, url } = yield* makeWorld()
      yield* raw(
        Number(new URL(url).port),
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        true
      )
      assert.strictEqual((yield* ask("GET", "/sessions")).status, 200)
    }))
})

/** Sends bytes, and answers with all that comes back; with `hangUp` it does not wait for it. */
const raw = (port: number, text: string, hangUp = false): Effect.Effect<string> =>
  Effect.callback((resume) => {
    let received = ""
    const socket = connect(port, "127.0.0.1", () => (hangUp ? socket.end(text) : socket.write(text)))
    socket.on("data", (chunk) => (received += chunk.toString()))
    socket.on("close", () => resume(Effect.succeed(received)))
  })

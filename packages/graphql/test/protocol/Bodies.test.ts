import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import { listen, makeWorld, post, secret } from "./World.ts"
import type { RawAnswer } from "./World.ts"

const limit = 1_048_576

/** A request of exactly so many bytes. */
const bodyOf = (bytes: number) => {
  const body = JSON.stringify({ query: "{ __typename }" })
  return body.padEnd(bytes, " ")
}

const code = ({ text }: RawAnswer) => JSON.parse(text).errors[0].extensions.code

describe("the body of a request", () => {
  it.effect("may have 1 MiB, and not a byte more; its length says so", () =>
    Effect.gen(function* () {
      const { headers, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const send = (bytes: number) => post(port, { ...headers, "content-length": String(bytes) }, [bodyOf(bytes)])
      assert.strictEqual((yield* send(limit)).status, 200)
      const refused = yield* send(limit + 1)
      assert.strictEqual(refused.status, 413)
      assert.strictEqual(code(refused), "PAYLOAD_TOO_LARGE")
      assert.include(refused.text, String(limit))
      assert.notProperty(JSON.parse(refused.text), "data")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is counted while it is read when it comes in chunks without a length", () =>
    Effect.gen(function* () {
      const { headers, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const chunks = (bytes: number) => bodyOf(bytes).match(/[^]{1,65536}/g) ?? []
      assert.strictEqual((yield* post(port, headers, chunks(limit))).status, 200)
      const refused = yield* post(port, headers, chunks(limit + 1))
      assert.strictEqual(refused.status, 413)
      assert.strictEqual(code(refused), "PAYLOAD_TOO_LARGE")
      assert.strictEqual(refused.headers.connection, "close")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is counted in process too", () =>
    Effect.gen(function* () {
      const { inProcess } = yield* makeWorld({ limits: { maxBodyBytes: 100 } })
      assert.strictEqual((yield* inProcess.send(bodyOf(100))).status, 200)
      assert.strictEqual((yield* inProcess.send(bodyOf(101))).status, 413)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each([
    ["nothing", ""],
    ["no JSON", `{"query": "${secret}`],
    ["a batch", `[{"query":"{ __typename }"}]`],
    ["null", "null"],
    ["a string", `"${secret}"`],
    ["no query", `{}`],
    ["a query that is none", `{"query":{"text":"${secret}"}}`],
    ["a parameter too many", `{"query":"{ __typename }","${secret}":1}`],
    ["__proto__", `{"query":"{ __typename }","__proto__":{"variables":{}}}`],
    ["an operation name that is none", `{"query":"{ __typename }","operationName":["${secret}"]}`],
    ["variables that are none", `{"query":"{ __typename }","variables":"${secret}"}`],
    ["extensions that are none", `{"query":"{ __typename }","extensions":["${secret}"]}`]
  ])("that holds %s is a 400, whatever the client accepts, and is not repeated", ([_, body = ""]) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      for (const accept of ["application/json", "application/graphql-response+json"]) {
        const answer = yield* client.send(body, { headers: { accept } })
        assert.strictEqual(answer.status, 400)
        assert.strictEqual(answer.errors[0]?.extensions?.code, "MALFORMED_REQUEST")
        assert.isUndefined(answer.data)
        assert.notInclude(JSON.stringify(answer.body), "canary")
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("that is not UTF-8 is a 400, rather than changed", () =>
    Effect.gen(function* () {
      const { headers, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const body = Buffer.concat([
        Buffer.from(`{"query":"{ __typename }","operationName":"`),
        Buffer.of(0xff),
        Buffer.from(`"}`)
      ])
      const answer = yield* post(port, headers, [body])
      assert.strictEqual(answer.status, 400)
      assert.strictEqual(code(answer), "MALFORMED_REQUEST")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("may nest a hundred thousand brackets, and nothing breaks", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const deep = "[".repeat(100_000) + "]".repeat(100_000)
      const query = "query ($json: JSONObject) { echo(json: $json) }"
      const answer = yield* client.send(`{"query":"${query}","variables":{"json":${deep}}}`)
      assert.strictEqual(answer.status, 200)
      const broken = yield* client.send("[".repeat(100_000))
      assert.strictEqual(broken.status, 400)
      const input = "query ($input: CreateSessionInput) { echo(input: $input) }"
      const refused = yield* client.send(`{"query":"${input}","variables":{"input":${deep}}}`)
      assert.strictEqual(refused.status, 400)
      assert.strictEqual(refused.errors[0]?.extensions?.code, "BAD_USER_INPUT")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("may hold __proto__ without touching anybody's prototype", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const query = "query ($input: CreateSessionInput) { echo(input: $input) }"
      const own = yield* client.send(
        `{"query":"${query}","variables":{"__proto__":{"input":{"country":1}},"input":{}}}`
      )
      assert.deepStrictEqual(own.data, { echo: "fine" })
      const inner = yield* client.send(`{"query":"${query}","variables":{"input":{"__proto__":{"country":"NZ"}}}}`)
      assert.strictEqual(inner.errors[0]?.extensions?.code, "BAD_USER_INPUT")
      assert.notProperty({}, "input")
    }).pipe(Effect.provide(layerTest))
  )
})

describe("media types", () => {
  it.effect.each([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON;charset=UTF-8",
    'application/json; charset="utf-8"'
  ])("a body may be %s", (type) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { status } = yield* client.request("{ __typename }", {}, { headers: { "content-type": type } })
      assert.strictEqual(status, 200)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/graphql",
    "application/json; charset=utf-16",
    "text/plain, application/json",
    ""
  ])("a body may not be %s: 415, and nothing runs", (type) =>
    Effect.gen(function* () {
      const { client, traces } = yield* makeWorld()
      const answer = yield* client.request(`mutation { note(text: "ran") }`, {}, { headers: { "content-type": type } })
      assert.strictEqual(answer.status, 415)
      assert.strictEqual(answer.errors[0]?.extensions?.code, "MALFORMED_REQUEST")
      assert.deepStrictEqual(traces.notes, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("a client that takes no JSON is told before anything runs, and not afterwards: 406", () =>
    Effect.gen(function* () {
      const { client, traces } = yield* makeWorld()
      for (const accept of [
        "text/html",
        "image/png",
        "text/event-stream",
        "multipart/mixed",
        "application/xml, text/*"
      ]) {
        const { status } = yield* client.request(`mutation { note(text: "ran") }`, {}, { headers: { accept } })
        assert.strictEqual(status, 406)
      }
      assert.deepStrictEqual(traces.notes, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each([
    ["application/json", "application/json"],
    ["*/*", "application/json"],
    ["application/*", "application/json"],
    ["application/graphql-response+json", "application/graphql-response+json"],
    ["application/graphql-response+json,application/json;q=0.9", "application/graphql-response+json"],
    ["multipart/mixed;deferSpec=20220824,application/json", "application/json"],
    ["text/html,*/*;q=0.8", "application/json"]
  ])("a client that accepts %s gets %s", ([accept, type]) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { headers, status } = yield* client.request("{ __typename }", {}, { headers: { accept } })
      assert.strictEqual(status, 200)
      assert.strictEqual(headers.get("content-type"), `${type}; charset=utf-8`)
    }).pipe(Effect.provide(layerTest))
  )
})

describe("a GET", () => {
  const get = (query: Record<string, string>) =>
    Effect.gen(function* () {
      const { headers, traces, yoga } = yield* makeWorld()
      const url = `http://holdfast.test/graphql?${new URLSearchParams(query)}`
      const answer = yield* Effect.promise(async () =>
        yoga.fetch(url, { headers: { "x-api-key": headers["x-api-key"] } })
      )
      return { status: answer.status, text: yield* Effect.promise(() => answer.text()), answer, traces }
    })

  it.effect("runs a query, with variables", () =>
    Effect.gen(function* () {
      const query = "query Q($value: Int!) { number(value: $value) } query R { __typename }"
      const { text } = yield* get({ query, operationName: "Q", variables: `{"value":7}` })
      assert.deepStrictEqual(JSON.parse(text), { data: { number: 7 } })
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("runs no mutation: 405", () =>
    Effect.gen(function* () {
      const { answer, status, text, traces } = yield* get({ query: `mutation { note(text: "ran") }` })
      assert.strictEqual(status, 405)
      assert.strictEqual(answer.headers.get("allow"), "POST")
      assert.include(text, "MALFORMED_REQUEST")
      assert.deepStrictEqual(traces.notes, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("with variables that are no JSON is a 400, and they are not repeated", () =>
    Effect.gen(function* () {
      for (const query of [
        { query: "{ __typename }", variables: secret },
        { query: "{ __typename }", extensions: secret },
        {}
      ]) {
        const { status, text } = yield* get(query)
        assert.strictEqual(status, 400)
        assert.include(text, "MALFORMED_REQUEST")
        assert.notInclude(text, "canary")
      }
    }).pipe(Effect.provide(layerTest))
  )
})

describe("any other method", () => {
  it.effect.each(["PUT", "PATCH", "DELETE", "OPTIONS"])("%s is a 405 that says what there is", (method) =>
    Effect.gen(function* () {
      const { headers, yoga } = yield* makeWorld()
      const answer = yield* Effect.promise(async () => yoga.fetch("http://holdfast.test/graphql", { method, headers }))
      assert.strictEqual(answer.status, 405)
      assert.strictEqual(answer.headers.get("allow"), "GET, POST")
      const { errors } = yield* Effect.promise(() => answer.json())
      assert.strictEqual(errors[0].extensions.code, "MALFORMED_REQUEST")
    }).pipe(Effect.provide(layerTest))
  )
})

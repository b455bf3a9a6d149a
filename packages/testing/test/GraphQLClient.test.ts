/** The client shows what a client sees, over any `fetch`. */
import { assert, describe, it } from "@effect/vitest"
import { GraphQLClient } from "@holdfast/testing"
import { Deferred, Effect, Fiber } from "effect"

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: unknown
}

/** A server that answers always the same, and remembers what it was sent. */
const serverOf = (text: string, init: ResponseInit = {}) => {
  const sent: Array<Sent> = []
  const fetch: GraphQLClient.Fetch = (url, { body, headers, method }) => {
    sent.push({ url, method, headers, body: JSON.parse(body) as unknown })
    return new Response(text, init)
  }
  return { sent, fetch }
}

const url = "http://127.0.0.1/graphql"

describe("a GraphQL client", () => {
  it.effect("posts document, variables and operation name, and shows status, headers and data", () =>
    Effect.gen(function* () {
      const { fetch, sent } = serverOf('{"data":{"viewer":{"id":"1"}},"extensions":{"cost":1}}', {
        headers: { "x-request-id": "req_1" }
      })
      const client = GraphQLClient.make({ url, fetch })
      const document = "query A($n: Int) { viewer { id } }"
      const answer = yield* client.request<{ viewer: { id: string } }>(document, { n: 1 }, { operationName: "A" })
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers.get("x-request-id"), "req_1")
      assert.strictEqual(answer.data?.viewer.id, "1")
      assert.deepStrictEqual(answer.errors, [])
      assert.deepStrictEqual(answer.extensions, { cost: 1 })
      assert.deepInclude(sent[0], {
        url,
        method: "POST",
        body: { query: document, variables: { n: 1 }, operationName: "A" }
      })
    })
  )

  it.effect("takes documents that know their types", () =>
    Effect.gen(function* () {
      const client = GraphQLClient.make({ url, fetch: serverOf('{"data":{"n":1}}').fetch })
      const withVariables: GraphQLClient.GraphQLDocument<{ n: number }, { id: string }> = "query"
      const without: GraphQLClient.GraphQLDocument<{ n: number }, Record<string, never>> = "query"
      assert.strictEqual((yield* client.request(withVariables, { id: "a" })).data?.n.toFixed(1), "1.0")
      assert.strictEqual((yield* client.request(without)).data?.n.toFixed(1), "1.0")
      // @ts-expect-error The document asks for variables.
      yield* client.request(withVariables)
    })
  )

  it.effect("sends its own headers with every request; one of a request replaces or removes them", () =>
    Effect.gen(function* () {
      const { fetch, sent } = serverOf("{}")
      const client = GraphQLClient.make({ url, fetch, headers: { "X-API-Key": "key", "x-other": "1" } })
      yield* client.request("{ a }")
      yield* client.request("{ a }", {}, { headers: { "x-api-key": "another", "X-Other": undefined } })
      yield* client.send("[]", { headers: { accept: undefined, "content-type": "text/plain" } })
      assert.deepStrictEqual(
        sent.map(({ headers }) => headers),
        [
          {
            accept: "application/graphql-response+json, application/json;q=0.9",
            "content-type": "application/json",
            "x-api-key": "key",
            "x-other": "1"
          },
          {
            accept: "application/graphql-response+json, application/json;q=0.9",
            "content-type": "application/json",
            "x-api-key": "another"
          },
          { "content-type": "text/plain", "x-api-key": "key", "x-other": "1" }
        ]
      )
    })
  )

  it.effect("shows errors as an answer, and tells data that is null from no data at all", () =>
    Effect.gen(function* () {
      const errors = [{ message: "no", extensions: { code: "UNAUTHORIZED" } }]
      const refused = serverOf(JSON.stringify({ errors }), { status: 401 })
      const one = yield* GraphQLClient.make({ url, fetch: refused.fetch }).request("{ a }")
      assert.deepInclude(one, { status: 401, data: undefined, errors })
      const broken = serverOf(JSON.stringify({ data: null, errors }))
      const two = yield* GraphQLClient.make({ url, fetch: broken.fetch }).request("{ a }")
      assert.deepInclude(two, { status: 200, data: null, errors })
    })
  )

  it.effect("shows a body that is no JSON, or no GraphQL, as it came", () =>
    Effect.gen(function* () {
      for (const [text, body] of [
        ["<html>", "<html>"],
        ["", ""],
        ["null", null],
        ["[1]", [1]]
      ] as const) {
        const client = GraphQLClient.make({ url, fetch: serverOf(text, { status: 502 }).fetch })
        assert.deepInclude(yield* client.send("{}"), { status: 502, body, data: undefined, errors: [], extensions: {} })
      }
    })
  )

  it.effect("fails with NoAnswer only when there is none", () =>
    Effect.gen(function* () {
      const client = GraphQLClient.make({ url, fetch: () => Promise.reject(new TypeError("connection refused")) })
      assert.strictEqual((yield* Effect.flip(client.request("{ a }")))._tag, "NoAnswer")
    })
  )

  it.effect("that is interrupted aborts its request", () =>
    Effect.gen(function* () {
      const arrived = Deferred.makeUnsafe<AbortSignal>()
      const client = GraphQLClient.make({
        url,
        fetch: (_, { signal }) => {
          Deferred.doneUnsafe(arrived, Effect.succeed(signal))
          return Promise.withResolvers<Response>().promise
        }
      })
      const request = yield* Effect.forkChild(client.request("{ a }"))
      const signal = yield* Deferred.await(arrived)
      assert.isFalse(signal.aborted)
      yield* Fiber.interrupt(request)
      assert.isTrue(signal.aborted)
    })
  )
})

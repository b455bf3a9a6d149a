import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import { makeWorld, secret } from "./World.ts"

const json = { headers: { accept: "application/json" } }
const graphql = { headers: { accept: "application/graphql-response+json" } }

/** Documents and variables that hold a secret where it cannot be, the code they are answered with, and a part of the message. */
const wrong: ReadonlyArray<readonly [document: string, variables: object, code: string, message: string]> = [
  [`{ "${secret}" }`, {}, "GRAPHQL_PARSE_FAILED", "Expected Name, found String"],
  [`{ viewer } "${secret}"`, {}, "GRAPHQL_PARSE_FAILED", "Unexpected"],
  [`{ echo(count: "${secret}`, {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"],
  [`{ echo(count: """${secret}""" ""`, {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"],
  [`{ echo(count: "canary\\u{canary}") }`, {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"],
  [`{ 12345678canary }`, {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"],
  ["{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED", `Cannot query field "nothing" on type "Query".`],
  [
    `{ echo(count: "${secret}") }`,
    {},
    "GRAPHQL_VALIDATION_FAILED",
    `The argument "count": Expected a value of type "Int"`
  ],
  [`{ echo(count: 12345678901) }`, {}, "GRAPHQL_VALIDATION_FAILED", `Expected a value of type "Int"`],
  [`{ echo(status: CANARY) }`, {}, "GRAPHQL_VALIDATION_FAILED", `Expected a value of type "SessionStatus"`],
  [`{ echo(list: [1, "${secret}"]) }`, {}, "GRAPHQL_VALIDATION_FAILED", `at [1]: Expected a value of type "Int!"`],
  [
    `{ echo(input: "${secret}") }`,
    {},
    "GRAPHQL_VALIDATION_FAILED",
    `Expected value of type "CreateSessionInput" to be an object`
  ],
  [
    `{ echo(input: { status: "${secret}" }) }`,
    {},
    "GRAPHQL_VALIDATION_FAILED",
    `Expected value of type "CreateSessionInput" not to include unknown field "status"`
  ],
  [`{ echo(json: { a: CANARY }) }`, {}, "GRAPHQL_VALIDATION_FAILED", "double quotes"],
  [`query ($n: Int = "${secret}") { echo(count: $n) }`, {}, "GRAPHQL_VALIDATION_FAILED", `type "Int"`],
  [
    "query ($n: Int!) { echo(count: $n) }",
    { n: secret },
    "BAD_USER_INPUT",
    `The variable $n: Expected a value of type "Int!"`
  ],
  ["query ($n: Int!) { echo(count: $n) }", {}, "BAD_USER_INPUT", `The variable $n: Expected a value of type "Int!"`],
  [
    "query ($n: Int!) { echo(count: $n) }",
    { n: null },
    "BAD_USER_INPUT",
    `The variable $n: Expected a value of type "Int!"`
  ],
  ["query ($s: SessionStatus) { echo(status: $s) }", { s: secret }, "BAD_USER_INPUT", `type "SessionStatus"`],
  ["query ($l: [Int!]) { echo(list: $l) }", { l: [1, secret] }, "BAD_USER_INPUT", "The variable $l at [1]:"],
  ["query ($i: CreateSessionInput) { echo(input: $i) }", { i: secret }, "BAD_USER_INPUT", "to be an object"],
  [
    "query ($i: CreateSessionInput) { echo(input: $i) }",
    { i: { externalRef: { canary: secret } } },
    "BAD_USER_INPUT",
    `The variable $i at .externalRef: Expected a value of type "String"`
  ],
  [
    "query ($i: CreateSessionInput) { echo(input: $i) }",
    { i: { tags: [secret, 7] } },
    "BAD_USER_INPUT",
    `The variable $i at .tags[1]: Expected a value of type "String!"`
  ],
  [
    "query ($i: CreateSessionInput) { echo(input: $i) }",
    { i: { status: secret } },
    "BAD_USER_INPUT",
    `not to include unknown field "status"`
  ],
  ["query ($e: Either) { echo(either: $e) }", { e: { count: 1, text: secret } }, "BAD_USER_INPUT", "exactly one field"],
  ["query ($e: Either) { echo(either: $e) }", { e: { text: null } }, "BAD_USER_INPUT", "exactly one field"],
  ["query ($e: Either) { echo(either: $e) }", { e: {} }, "BAD_USER_INPUT", "exactly one field"]
]

describe("what is wrong with a document or its variables", () => {
  it.effect.each(wrong)("%s", ([document, variables, code, message]) =>
    Effect.gen(function* () {
      const { client, log } = yield* makeWorld()
      for (const [options, status] of [
        [json, 200],
        [graphql, 400]
      ] as const) {
        const answer = yield* client.request(document, { ...variables }, options)
        assert.strictEqual(answer.status, status)
        assert.isUndefined(answer.data)
        assert.strictEqual(answer.errors[0]?.extensions?.code, code)
        assert.include(answer.errors[0]?.message, message)
        assert.isDefined(answer.errors[0]?.locations)
        assert.notMatch(JSON.stringify(answer.body), /canary|12345678/i)
      }
      // A client's mistake is no entry in the log.
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is told all at once, but never more than twenty times", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const both = yield* client.request("query ($a: Int!, $b: [Int!]) { echo(count: $a, list: $b) }", {
        a: "x",
        b: ["y", 1, "z"]
      })
      assert.lengthOf(both.errors, 3)
      const many = yield* client.request("query ($b: [Int!]) { echo(list: $b) }", { b: Array(10_000).fill("x") })
      assert.lengthOf(many.errors, 20)
      const fields = Array.from({ length: 100 }, (_, index) => `nothing${index}`).join(" ")
      const invalid = yield* client.request(`{ viewer { ${fields} } }`)
      assert.isAtMost(invalid.errors.length, 21)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is not helped by suggestions", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const documents = [
        "{ viewr { organization } }",
        "{ echo(cont: 1) }",
        "{ echo(status: PENDIN) }",
        "{ echo(input: { tag: [] }) }"
      ]
      for (const document of documents) {
        const { errors } = yield* client.request(document)
        assert.notInclude(JSON.stringify(errors), "Did you mean")
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is the same when the document was seen before", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const ask = client.request("{ nothing }", {}, { headers: { "x-request-id": "r" } })
      const first = yield* ask
      assert.deepStrictEqual((yield* ask).body, first.body)
      const other = yield* client.request("{ nothing }", {}, { headers: { "x-request-id": "s" } })
      assert.strictEqual(other.errors[0]?.extensions?.["requestId"], "s")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("names long keys only in part", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const input = { ["k".repeat(100_000)]: 1 }
      const { body } = yield* client.request("query ($i: CreateSessionInput) { echo(input: $i) }", { i: input })
      assert.isBelow(JSON.stringify(body).length, 1_000)
      assert.include(JSON.stringify(body), `unknown field \\"${"k".repeat(128)}…`)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each([
    ["no operation of that name", "query A { __typename }", "canary"],
    ["several operations and no name", "query A { __typename } query B { __typename }", undefined],
    ["no operation at all", "fragment F on Query { __typename }", undefined]
  ] as const)("%s", ([_, document, operationName]) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      for (const [options, status] of [
        [json, 200],
        [graphql, 400]
      ] as const) {
        const answer = yield* client.request(document, {}, { ...options, operationName })
        assert.strictEqual(answer.status, status)
        assert.strictEqual(answer.errors[0]?.extensions?.code, "GRAPHQL_VALIDATION_FAILED")
        assert.notInclude(JSON.stringify(answer.body), "canary")
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each([
    ["an argument", "query ($n: Int = 1) { number(value: $n) }"],
    ["a directive", "query ($n: Boolean = true) { viewer @skip(if: $n) { organization } }"]
  ] as const)("only a null among the variables makes %s wrong", ([_, document]) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      assert.deepStrictEqual((yield* client.request(document)).errors, [])
      for (const [options, status] of [
        [json, 200],
        [graphql, 400]
      ] as const) {
        const answer = yield* client.request(document, { n: null }, options)
        assert.strictEqual(answer.status, status)
        assert.isUndefined(answer.data)
        assert.strictEqual(answer.errors[0]?.extensions?.code, "BAD_USER_INPUT")
      }
    }).pipe(Effect.provide(layerTest))
  )
})

describe("a bug", () => {
  it.effect.each([
    ["a resolver that throws", "{ throws }", "TypeError"],
    ["an effect that dies", "{ dies }", "RangeError"],
    ["an enum that is none", "{ answersGarbage }", "Error"],
    ["a null that must not be", "{ needed }", "Error"]
  ] as const)(
    "is a null field, a code and the request id, and is logged once, without values: %s",
    ([_, document, name]) =>
      Effect.gen(function* () {
        const { client, log } = yield* makeWorld()
        const { body, data, errors, status } = yield* client.request(document, {}, { headers: { "x-request-id": "r" } })
        assert.strictEqual(status, 200)
        assert.deepStrictEqual(data, document === "{ needed }" ? null : { [document.slice(2, -2)]: null })
        assert.lengthOf(errors, 1)
        assert.deepStrictEqual(errors[0]?.extensions, { code: "INTERNAL_SERVER_ERROR", requestId: "r" })
        assert.notMatch(JSON.stringify(body), /canary|\.ts|stack/)
        assert.lengthOf(log, 1)
        assert.notInclude(log[0], "canary")
        const { annotations, level } = JSON.parse(log[0] ?? "")
        assert.strictEqual(level, "ERROR")
        assert.strictEqual(annotations.requestId, "r")
        assert.strictEqual(annotations.defect, name)
      }).pipe(Effect.provide(layerTest))
  )

  it.effect("in the second mutation leaves the first one's result", () =>
    Effect.gen(function* () {
      const { client, traces } = yield* makeWorld()
      const { data } = yield* client.request(`mutation { note(text: "ran") throwsToo after: note(text: "after") }`)
      assert.deepStrictEqual(data, { note: "ran", throwsToo: null, after: "after" })
      assert.deepStrictEqual(traces.notes, ["ran", "after"])
    }).pipe(Effect.provide(layerTest))
  )
})

describe("a failure of the library in a resolver", () => {
  it.effect("is an entry of errors with its code, and no failure of HTTP", () =>
    Effect.gen(function* () {
      const { client, log } = yield* makeWorld()
      for (const options of [json, graphql]) {
        const { data, errors, headers, status } = yield* client.request("{ unavailable }", {}, options)
        assert.strictEqual(status, 200)
        assert.deepStrictEqual(data, { unavailable: null })
        assert.strictEqual(errors[0]?.extensions?.code, "UNAVAILABLE")
        assert.strictEqual(errors[0]?.extensions?.["requestId"], headers.get("x-request-id"))
      }
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is UNAVAILABLE when the work was called off on our side: it is safe to send again", () =>
    Effect.gen(function* () {
      const { client, log } = yield* makeWorld()
      const { data, errors } = yield* client.request("{ isCalledOff }")
      assert.deepStrictEqual(data, { isCalledOff: null })
      assert.strictEqual(errors[0]?.extensions?.code, "UNAVAILABLE")
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("cannot set the status of HTTP, whatever a resolver tries", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { body, status } = yield* client.request("{ setsStatus }", {}, graphql)
      assert.strictEqual(status, 200)
      assert.notInclude(JSON.stringify(body), "http")
    }).pipe(Effect.provide(layerTest))
  )
})

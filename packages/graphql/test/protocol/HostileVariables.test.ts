import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import { makeWorld } from "./World.ts"

const update = `mutation ($id: ID!, $input: UpdateSessionInput!) {
  updateSession(id: $id, input: $input) { __typename }
}`
const echo = "query ($input: CreateSessionInput) { echo(input: $input) }"

const fields = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`unknown${index}`, 1]))

// Each holds close to a megabyte. Printed with every problem, as GraphQL does it, the first would take minutes.
const hostile: ReadonlyArray<
  readonly [what: string, document: string, variables: object, first: string, count: number]
> = [
  [
    "unknown fields",
    update,
    { id: "ses_1", input: fields(60_000) },
    `The variable $input: Expected value of type "UpdateSessionInput" not to include unknown field "unknown0"; ` +
      "it has: externalRef, metadata, expectedRevision",
    20
  ],
  [
    "an object in place of an ID",
    update,
    { id: fields(60_000), input: {} },
    `The variable $id: Expected a value of type "ID!"`,
    1
  ],
  [
    "an object in place of text",
    update,
    { id: "ses_1", input: { externalRef: fields(60_000) } },
    `The variable $input at .externalRef: Expected a value of type "String"`,
    1
  ],
  [
    "a list of the wrong thing",
    echo,
    { input: { tags: Array(400_000).fill(1) } },
    `The variable $input at .tags[0]: Expected a value of type "String!"`,
    20
  ],
  [
    "a list in place of an object",
    echo,
    { input: Array(400_000).fill(1) },
    `The variable $input: Expected value of type "CreateSessionInput" to be an object`,
    1
  ]
]

describe("hostile variables", () => {
  it.effect.each(hostile)("%s are refused, and the looking ends early", ([_, document, variables, first, count]) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { body, data, errors } = yield* client.request(document, { ...variables })
      assert.isUndefined(data)
      assert.lengthOf(errors, count)
      assert.strictEqual(errors[0]?.message, first)
      for (const error of errors) assert.strictEqual(error.extensions?.code, "BAD_USER_INPUT")
      assert.isBelow(JSON.stringify(body).length, 20_000)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("may be named at any length, and are named in part", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const name = "n".repeat(300_000)
      const { body, errors } = yield* client.request(`query ($${name}: Int!) { echo(count: $${name}) }`, {
        [name]: "x"
      })
      assert.strictEqual(errors[0]?.message, `The variable $${"n".repeat(128)}…: Expected a value of type "Int!"`)
      assert.isBelow(JSON.stringify(body).length, 1_000)
    }).pipe(Effect.provide(layerTest))
  )
})

const long = "n".repeat(500_000)

describe("hostile documents", () => {
  it.effect.each([
    ["field", `{ ${long} }`],
    ["argument", `{ echo(${long}: 1) }`],
    ["field of an input", `{ echo(input: { ${long}: 1 }) }`],
    ["fragment", `{ ...${long} }`],
    ["type", `query ($a: ${long}) { echo(count: $a) }`],
    ["word where none belongs", `{ viewer { id } } ${long}`]
  ] as const)("a long name of a %s is repeated in part", ([_, document]) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { body, errors } = yield* client.request(document)
      assert.include(errors[0]?.message, `${"n".repeat(128)}…`)
      assert.isBelow(JSON.stringify(body).length, 2_000)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each([
    ["lists", "{ echo(json: ", "[", "]", ") }"],
    ["objects", "{ echo(json: ", "{a:", "}", ") }"],
    ["types", "query ($a: ", "[", "]", ") { echo }"],
    ["selections", "", "{a", "}", ""]
  ] as const)("%s may be nested as deeply as they like, and nothing breaks", ([_, before, open, close, after]) =>
    Effect.gen(function* () {
      const refused = ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "QUERY_TOO_COMPLEX"]
      for (const limits of [{}, { maxTokens: 100_000 }]) {
        const { client, log } = yield* makeWorld({ limits })
        for (const depth of [600, 900, 1_300, 1_990, 20_000]) {
          for (const end of ["", close.repeat(depth)]) {
            const answer = yield* client.request(`${before}${open.repeat(depth)}${end}${after}`)
            assert.isBelow(answer.status, 500)
            const code = answer.errors[0]?.extensions?.code
            if (code !== undefined) assert.include(refused, code)
          }
        }
        assert.deepStrictEqual(log, [])
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("that the parser cannot follow are too complex", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld({ limits: { maxTokens: 100_000 } })
      const { errors, status } = yield* client.request(`{ session(id: ${"[".repeat(50_000)}`)
      assert.strictEqual(status, 400)
      assert.strictEqual(errors[0]?.extensions?.code, "QUERY_TOO_COMPLEX")
    }).pipe(Effect.provide(layerTest))
  )
})

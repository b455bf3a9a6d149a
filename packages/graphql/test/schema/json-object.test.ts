/**
 * Metadata as a client sends it: in a variable, in a literal, in a variable inside a literal, or as a variable's default. Run
 * by graphql-js and by Yoga's executor, which read literals each in their own way.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import type { Ask } from "./Ask.ts"
import { connect, createSession, graphqlJs, yoga } from "./Ask.ts"

const selection = `
  __typename
  ... on UpdateSessionSuccess { session { metadata } }
  ... on UnprocessableError { issues { path code } }
`

/** Updates with `metadata` as it is written in the document. */
const literal = (ask: Ask, metadata: string, declared = "", variables: { readonly [name: string]: unknown } = {}) =>
  Effect.gen(function* () {
    const id = yield* createSession(ask)
    return yield* ask(
      `mutation ($id: ID!${declared}) { updateSession(id: $id, input: { metadata: ${metadata} }) { ${selection} } }`,
      { id, ...variables }
    )
  })

const stored = (metadata: unknown) => ({ updateSession: { __typename: "UpdateSessionSuccess", session: { metadata } } })

const refused = (...issues: ReadonlyArray<readonly [path: ReadonlyArray<string>, code: string]>) => ({
  updateSession: {
    __typename: "UnprocessableError",
    issues: issues.map(([path, code]) => ({ path: ["metadata", ...path], code }))
  }
})

const nested = (levels: number): string => (levels === 0 ? "1" : `[${nested(levels - 1)}]`)

describe.each([
  ["graphql-js", graphqlJs],
  ["Yoga's executor", yoga]
] as const)("metadata, run by %s", (_, engine) => {
  it.layer(layerTest)("comes back as it was sent", (it) => {
    const values = {
      text: 'quotes " and 👍🏽 and \u2028',
      empty: "",
      digits: "0042",
      integer: 9007199254740991,
      negative: -9007199254740991,
      tiny: 5e-324,
      large: 1.7976931348623157e308,
      fraction: 0.1,
      beyond: 1e300,
      yes: true,
      nothing: { inner: null },
      list: [1, "two", [3, null], {}],
      constructor: { prototype: "ordinary" }
    }

    it.effect("in a variable", () =>
      Effect.gen(function* () {
        const { ask } = yield* connect({}, engine)
        const { data, errors } = yield* literal(ask, "$metadata", ", $metadata: JSONObject", { metadata: values })
        assert.isUndefined(errors)
        assert.deepStrictEqual(data, stored(values))
      })
    )

    it.effect("in a literal", () =>
      Effect.gen(function* () {
        const { ask } = yield* connect({}, engine)
        const written = JSON.stringify(values).replace(/"(\w+)":/g, "$1:")
        const { data, errors } = yield* literal(ask, written)
        assert.isUndefined(errors)
        assert.deepStrictEqual(data, stored(values))
      })
    )

    it.effect("in variables inside a literal, whatever their type", () =>
      Effect.gen(function* () {
        const { ask } = yield* connect({}, engine)
        const { data, errors } = yield* literal(
          ask,
          "{ a: $object, b: [$text, $missing], c: { d: $digits, e: $number, f: $missing, g: $list }, h: $missing }",
          ", $object: JSONObject, $text: String, $digits: ID, $number: Int, $list: [String!], $missing: Int",
          { object: values, text: "7", digits: "0042", number: 7, list: ["x"] }
        )
        assert.isUndefined(errors)
        // A variable that was not given leaves out the field it stands for, and is null in a list.
        assert.deepStrictEqual(data, stored({ a: values, b: ["7", null], c: { d: "0042", e: 7, g: ["x"] } }))
      })
    )

    it.effect("as the default of a variable", () =>
      Effect.gen(function* () {
        const { ask } = yield* connect({}, engine)
        const { data, errors } = yield* literal(
          ask,
          "$metadata",
          ', $metadata: JSONObject = { tier: "gold", visits: [1, 2.5] }'
        )
        assert.isUndefined(errors)
        assert.deepStrictEqual(data, stored({ tier: "gold", visits: [1, 2.5] }))
      })
    )
  })

  it.layer(layerTest)("is refused where it cannot be kept exactly:", (it) => {
    const limits = [
      [
        "an integer beyond 2^53 − 1",
        "{ a: 9007199254740992, b: [-12345678901234567890] }",
        [["a"], ["b", "0"]],
        "UNSAFE_NUMBER"
      ],
      ["1e400", "{ a: 1e400, b: { c: -1e400 } }", [["a"], ["b", "c"]], "NOT_FINITE"],
      [
        "__proto__",
        '{ __proto__: { admin: true }, a: { __proto__: "x" } }',
        [["__proto__"], ["a", "__proto__"]],
        "FORBIDDEN_KEY"
      ],
      ["NUL", String.raw`{ a: "\u0000", b: [{ c: "x\u0000" }] }`, [["a"], ["b", "0", "c"]], "INVALID_TEXT"],
      ["17 levels", `{ a: ${nested(16)}, b: ${nested(17)} }`, [["b", ...Array<string>(16).fill("0")]], "TOO_DEEP"],
      ["what is no object", "[1]", [[]], "WRONG_TYPE"],
      ["text instead of an object", '"text"', [[]], "WRONG_TYPE"],
      ["null instead of an object", "null", [[]], "WRONG_TYPE"]
    ] as const

    for (const [what, metadata, paths, code] of limits) {
      it.effect(`${what}, in a literal and as the default of a variable`, () =>
        Effect.gen(function* () {
          const { ask } = yield* connect({}, engine)
          const issues = refused(...paths.map((path) => [path, code] as const))
          const inline = yield* literal(ask, metadata)
          assert.deepStrictEqual([inline.data, inline.errors], [issues, undefined])
          const byDefault = yield* literal(ask, "$metadata", `, $metadata: JSONObject = ${metadata}`)
          assert.deepStrictEqual([byDefault.data, byDefault.errors], [issues, undefined])
        })
      )
    }

    it.effect("__proto__ and half a surrogate pair, in a variable and in a variable inside a literal", () =>
      Effect.gen(function* () {
        const { ask } = yield* connect({}, engine)
        const metadata = JSON.parse(String.raw`{ "__proto__": 1, "a": ["\ud83d"] }`) as { a: unknown }
        const declared = ", $metadata: JSONObject"
        const alone = yield* literal(ask, "$metadata", declared, { metadata })
        assert.deepStrictEqual(alone.data, refused([["__proto__"], "FORBIDDEN_KEY"], [["a", "0"], "INVALID_TEXT"]))
        const inside = yield* literal(ask, "{ x: $metadata }", declared, { metadata })
        assert.deepStrictEqual(
          inside.data,
          refused([["x", "__proto__"], "FORBIDDEN_KEY"], [["x", "a", "0"], "INVALID_TEXT"])
        )
      })
    )

    it.effect("a bare word, and a key that is written twice, before anything runs", () =>
      Effect.gen(function* () {
        const { ask } = yield* connect({}, engine)
        for (const metadata of ["{ tier: gold }", "{ tier: 1, tier: 2 }", "{ a: { tier: 1, tier: 2 } }"]) {
          const { data, errors } = yield* literal(ask, metadata)
          assert.isNotOk(data)
          assert.isAbove(errors?.length ?? 0, 0)
          assert.notInclude(JSON.stringify(errors), "gold")
        }
      })
    )
  })

  it.layer(layerTest)("an update", (it) => {
    it.effect("accepts an input object without a prototype", () =>
      Effect.gen(function* () {
        const { ask } = yield* connect({}, engine)
        const id = yield* createSession(ask)
        const { data } = yield* ask(
          `mutation ($input: UpdateSessionInput! = { metadata: { a: { b: {} } }, externalRef: "r" }, $id: ID!) {
            updateSession(id: $id, input: $input) { ${selection} }
          }`,
          { id }
        )
        assert.deepStrictEqual(data, stored({ a: { b: {} } }))
      })
    )
  })
})

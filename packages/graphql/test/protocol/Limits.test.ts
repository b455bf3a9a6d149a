import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { getIntrospectionQuery } from "graphql"
import { layerTest } from "../Stores.ts"
import { makeWorld } from "./World.ts"

/** Asks with a key; answers what a client sees of a refusal, for a client that accepts plain JSON. */
const ask = Effect.fnUntraced(function* (document: string, variables: Record<string, unknown> = {}) {
  const { client, traces } = yield* makeWorld()
  const answer = yield* client.request(document, variables, { headers: { accept: "application/json" } })
  const [error] = answer.errors
  return { ...answer, code: error?.extensions?.code, message: error?.message ?? "", traces }
})

const isRefused = (answer: Effect.Success<ReturnType<typeof ask>>, limit: number, count?: number) => {
  assert.strictEqual(answer.code, "QUERY_TOO_COMPLEX")
  assert.strictEqual(answer.status, 400)
  assert.isUndefined(answer.data)
  assert.include(answer.message, String(limit))
  if (count !== undefined) assert.include(answer.message, String(count))
}

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(" ")

/** So many levels of selections that the schema does not know; the limit comes before validation. */
const levels = (count: number) => "{ a ".repeat(count) + "}".repeat(count)

describe("the size of a document", () => {
  it.effect("is at most 2,000 tokens", () =>
    Effect.gen(function* () {
      const fits = yield* ask(`{ ${times(1_997, () => "__typename")} }`)
      assert.strictEqual(fits.status, 400)
      assert.strictEqual(fits.code, "QUERY_TOO_COMPLEX")
      const refused = yield* ask(`{ ${times(1_999, () => "__typename")} }`)
      assert.strictEqual(refused.status, 400)
      assert.strictEqual(refused.code, "GRAPHQL_PARSE_FAILED")
      assert.include(refused.message, "2000 tokens")
      assert.isUndefined(refused.data)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is at most 10 levels of fields, through fragments too", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* ask(levels(10))).code, "GRAPHQL_VALIDATION_FAILED")
      isRefused(yield* ask(levels(11)), 10, 11)
      isRefused(yield* ask(`{ a ...F } fragment F on Query { b { ...G } } fragment G on X ${levels(10)}`), 10, 11)
      isRefused(yield* ask(`{ ... on Query { ... { a ${levels(10)} } } }`), 10, 11)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("does not count the levels of introspection", () =>
    Effect.gen(function* () {
      const { data, errors } = yield* ask(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }))
      assert.deepStrictEqual(errors, [])
      assert.property(data, "__schema")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is at most 15 aliases, wherever they are used", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* ask(`{ viewer { ${times(15, (n) => `a${n}: organization`)} } }`)).status, 200)
      isRefused(yield* ask(`{ viewer { ${times(16, (n) => `a${n}: organization`)} } }`), 15, 16)
      const fragment = `fragment F on Viewer { ${times(8, (n) => `a${n}: organization`)} }`
      isRefused(yield* ask(`{ viewer { ...F } more: viewer { ...F } } ${fragment}`), 15, 17)
      isRefused(yield* ask(`{ ${times(16, (n) => `a${n}: __typename`)} }`), 15, 16)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is at most 10 fields at the root, and then none of the mutations runs", () =>
    Effect.gen(function* () {
      const notes = (count: number) => `mutation { ${times(count, (n) => `n${n}: note(text: "${n}")`)} }`
      assert.strictEqual((yield* ask(notes(10))).traces.notes.length, 10)
      const refused = yield* ask(notes(11))
      isRefused(refused, 10, 11)
      assert.deepStrictEqual(refused.traces.notes, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is at most 20 directives", () =>
    Effect.gen(function* () {
      const skips = (count: number) => `{ viewer { ${times(count, () => "organization @skip(if: false)")} } }`
      assert.strictEqual((yield* ask(skips(20))).status, 200)
      isRefused(yield* ask(skips(21)), 20, 21)
      isRefused(yield* ask(`query ${times(21, () => "@skip(if: false)")} { __typename }`), 20, 21)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is measured for every operation of a document, also for those that are not asked for", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { errors } = yield* client.request(
        `query A { __typename } query B ${levels(11)}`,
        {},
        { operationName: "A" }
      )
      assert.strictEqual(errors[0]?.extensions?.code, "QUERY_TOO_COMPLEX")
    }).pipe(Effect.provide(layerTest))
  )
})

describe("the cost of an operation", () => {
  const page = (size: string) =>
    `sessions(${size}) { edges { node { id status metadata tags } cursor } pageInfo { hasNextPage } }`

  it.effect("is at most 1,000 objects: three full pages of sessions, and not four", () =>
    Effect.gen(function* () {
      const pages = (count: number) => `{ ${times(count, (n) => `p${n}: ${page("first: 100")}`)} }`
      assert.deepStrictEqual((yield* ask(pages(3))).errors, [])
      isRefused(yield* ask(pages(4)), 1_000, 1_204)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("counts a page as large as a variable, a default or the contract makes it", () =>
    Effect.gen(function* () {
      const pages = `{ ${times(4, (n) => `p${n}: ${page("last: $n")}`)} }`
      assert.deepStrictEqual((yield* ask(`query ($n: Int) ${pages}`, { n: 10 })).errors, [])
      isRefused(yield* ask(`query ($n: Int) ${pages}`, { n: 100 }), 1_000)
      isRefused(yield* ask(`query ($n: Int = 100) ${pages}`), 1_000)
      assert.deepStrictEqual((yield* ask(`query ($n: Int) ${pages}`)).errors, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is counted again for other variables, and a small document that came before buys nothing", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const some = (size: string) => times(4, (n) => `p${n}: ${page(size)}`)
      const refused = (document: string, variables: Record<string, unknown>) =>
        Effect.map(client.request(document, variables), ({ errors }) => errors[0]?.extensions?.code)
      const paged = `query ($n: Int) { ${some("first: $n")} }`
      assert.isUndefined(yield* refused(paged, { n: 10 }))
      assert.strictEqual(yield* refused(paged, { n: 100 }), "QUERY_TOO_COMPLEX")
      const optional = `query ($all: Boolean!) { ... @include(if: $all) { ${some("first: 100")} } }`
      assert.isUndefined(yield* refused(optional, { all: false }))
      assert.strictEqual(yield* refused(optional, { all: true }), "QUERY_TOO_COMPLEX")
      const named = `query Small { viewer { organization } } query Large { ${some("first: 100")} }`
      const both = (operationName: string) =>
        Effect.map(client.request(named, {}, { operationName }), ({ errors }) => errors[0]?.extensions?.code)
      assert.isUndefined(yield* both("Small"))
      assert.strictEqual(yield* both("Large"), "QUERY_TOO_COMPLEX")
      assert.isUndefined(yield* both("Small"))
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("leaves it to the field to refuse a size that no page has", () =>
    Effect.gen(function* () {
      for (const size of ["first: 2000000000", "last: 101", "first: 0", "first: -5"]) {
        const { code, data, status } = yield* ask(`{ ${page(size)} }`)
        assert.strictEqual(code, "VALIDATION_FAILED")
        assert.strictEqual(status, 200)
        assert.deepStrictEqual(data, { sessions: null })
      }
    }).pipe(Effect.provide(layerTest))
  )
})

describe("a hostile document", () => {
  it.effect("of a hundred thousand brackets is refused by its tokens", () =>
    Effect.gen(function* () {
      for (const [open, close] of [
        ["{a", "}"],
        ["{", "}"],
        ["[", "]"],
        ["{a(b:", ")}"],
        ["{a(b:[", "])}"],
        ["{...", "}"]
      ]) {
        const { code, data } = yield* ask(open?.repeat(100_000) + (close ?? "").repeat(100_000))
        assert.isUndefined(data)
        assert.strictEqual(code, "GRAPHQL_PARSE_FAILED")
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("that nests as deep as its tokens allow is refused, and breaks nothing", () =>
    Effect.gen(function* () {
      const deep = (open: string, close: string, count: number) => open.repeat(count) + close.repeat(count)
      assert.strictEqual((yield* ask(`{ echo(json: ${deep("[", "]", 990)}) }`)).status, 200)
      assert.strictEqual((yield* ask(`{ echo(list: ${deep("[", "]", 990)}) }`)).code, "GRAPHQL_VALIDATION_FAILED")
      const object = "{a:".repeat(490) + "1" + "}".repeat(490)
      assert.strictEqual((yield* ask(`{ echo(json: ${object}) }`)).status, 200)
      assert.strictEqual((yield* ask(`{ echo(input: ${object}) }`)).code, "GRAPHQL_VALIDATION_FAILED")
      assert.strictEqual(
        (yield* ask(`query ($a: ${deep("[", "]", 980).replace("[]", "[Int]")}) { a }`)).code,
        "GRAPHQL_VALIDATION_FAILED"
      )
      const inline = "{ ... on Viewer ".repeat(390) + "{ organization }" + "}".repeat(390)
      assert.deepStrictEqual((yield* ask(`{ viewer ${inline} }`)).data, { viewer: { organization: "acme" } })
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("whose fragments lead back to themselves ends", () =>
    Effect.gen(function* () {
      const { code } = yield* ask("{ ...A } fragment A on Query { ...B } fragment B on Query { viewer { id } ...A }")
      assert.strictEqual(code, "GRAPHQL_VALIDATION_FAILED")
      const self = yield* ask("{ viewer { ...A } } fragment A on Viewer { organization ...A }")
      assert.strictEqual(self.code, "GRAPHQL_VALIDATION_FAILED")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("whose fragments double each other is measured as fast as any other", () =>
    Effect.gen(function* () {
      const fragments = times(60, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} ...F${n + 1} }`)
      const { code } = yield* ask(`{ ...F0 } ${fragments} fragment F60 on Query { a: __typename }`)
      assert.strictEqual(code, "QUERY_TOO_COMPLEX")
      const withoutAlias = yield* ask(`{ ...F0 } ${fragments} fragment F60 on Query { __typename }`)
      assert.strictEqual(withoutAlias.code, "QUERY_TOO_COMPLEX")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("whose fragments double inside an object ends too", () =>
    Effect.gen(function* () {
      const fragments = times(60, (n) => `fragment F${n} on Viewer { ...F${n + 1} ...F${n + 1} ...F${n + 1} }`)
      const { code, status } = yield* ask(`{ viewer { ...F0 } } ${fragments} fragment F60 on Viewer { organization }`)
      assert.strictEqual(status, 400)
      assert.strictEqual(code, "QUERY_TOO_COMPLEX")
    }).pipe(Effect.provide(layerTest))
  )
})

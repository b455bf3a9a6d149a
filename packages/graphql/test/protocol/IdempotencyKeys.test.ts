import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import { listen, makeWorld, post } from "./World.ts"

const create = `mutation { createSession(input: {}) { ... on CreateSessionSuccess { session { id } replayed } } }`

interface Created {
  readonly createSession: { readonly session: { readonly id: string }; readonly replayed: boolean }
}

/** Two mutation fields, each with what stands behind it. */
const two = (first: string, second: string, variables = "") => `mutation ${variables} {
  a: createSession(input: {}) ${first} { ... on CreateSessionSuccess { replayed } }
  b: createSession(input: {}) ${second} { ... on CreateSessionSuccess { replayed } }
}`

describe("the header Idempotency-Key", () => {
  it.effect("covers the one mutation of a request: sent again, the first outcome is the answer", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const headers = { "idempotency-key": "create-1" }
      const first = yield* client.request<Created>(create, {}, { headers })
      assert.strictEqual(first.data?.createSession.replayed, false)
      assert.isNull(first.headers.get("idempotent-replayed"))
      assert.deepStrictEqual(first.extensions["idempotency"], [
        { path: ["createSession"], key: "create-1", replayed: false }
      ])

      const again = yield* client.request<Created>(create, {}, { headers })
      assert.deepStrictEqual(again.data?.createSession, { ...first.data?.createSession, replayed: true })
      assert.strictEqual(again.headers.get("idempotent-replayed"), "true")
      assert.deepStrictEqual(again.extensions["idempotency"], [
        { path: ["createSession"], key: "create-1", replayed: true }
      ])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("may be quoted, and is the same key then", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      yield* client.request(create, {}, { headers: { "idempotency-key": `"k"` } })
      const again = yield* client.request(create, {}, { headers: { "idempotency-key": "k" } })
      assert.strictEqual(again.headers.get("idempotent-replayed"), "true")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is not needed, and then the answer says nothing about it", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { extensions, headers } = yield* client.request(create)
      assert.deepStrictEqual(extensions, {})
      assert.isNull(headers.get("idempotent-replayed"))
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each(["", `""`, "a b", "é", "x".repeat(256), "a, b"])(
    "that is no key is a 400 before anything runs: %s",
    (key) =>
      Effect.gen(function* () {
        const { client, traces } = yield* makeWorld()
        for (const accept of ["application/json", "application/graphql-response+json"]) {
          const request = { headers: { "idempotency-key": key, accept } }
          const { data, errors, status } = yield* client.request(`mutation { note(text: "ran") }`, {}, request)
          assert.strictEqual(status, 400)
          assert.isUndefined(data)
          assert.strictEqual(errors[0]?.extensions?.code, "INVALID_IDEMPOTENCY_KEY")
        }
        assert.deepStrictEqual(traces.notes, [])
      }).pipe(Effect.provide(layerTest))
  )

  it.effect("that is sent twice is a 400, the same key or not", () =>
    Effect.gen(function* () {
      const { headers, traces, yoga } = yield* makeWorld()
      const port = yield* listen(yoga)
      const body = [JSON.stringify({ query: `mutation { note(text: "ran") }` })]
      for (const keys of [
        ["a", "b"],
        ["a", "a"],
        [`"a"`, `"b"`]
      ]) {
        const { status, text } = yield* post(port, { ...headers, "idempotency-key": keys }, body)
        assert.strictEqual(status, 400)
        assert.include(text, "INVALID_IDEMPOTENCY_KEY")
      }
      assert.deepStrictEqual(traces.notes, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is ignored by a query, good or bad", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      for (const key of ["good", "", "not good"]) {
        const { errors, extensions, status } = yield* client.request(
          "{ viewer { organization } }",
          {},
          { headers: { "idempotency-key": key } }
        )
        assert.strictEqual(status, 200)
        assert.deepStrictEqual([errors, extensions], [[], {}])
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("with two mutations is a 400 before either runs, whatever directives they have", () =>
    Effect.gen(function* () {
      const { client, traces } = yield* makeWorld()
      const documents = [
        `mutation { a: note(text: "a") b: note(text: "b") }`,
        `mutation { a: note(text: "a") @idempotent(key: "k") b: note(text: "b") @idempotent(key: "l") }`,
        `mutation { ...F ... { b: note(text: "b") } } fragment F on Mutation { a: note(text: "a") }`
      ]
      for (const document of documents) {
        const { data, errors, status } = yield* client.request(document, {}, { headers: { "idempotency-key": "k" } })
        assert.strictEqual(status, 400)
        assert.isUndefined(data)
        assert.strictEqual(errors[0]?.extensions?.code, "INVALID_IDEMPOTENCY_KEY")
      }
      assert.deepStrictEqual(traces.notes, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("covers the one that is left after @skip, @include, fragments and __typename", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const documents = [
        two("", "@skip(if: $yes)", "($yes: Boolean = true)"),
        two("@include(if: $no)", "", "($no: Boolean = false)"),
        two("", "@skip(if: true)"),
        `mutation ($yes: Boolean = true) { __typename x: __typename ...F ...G @skip(if: $yes) }
         fragment F on Mutation { createSession(input: {}) { __typename } }
         fragment G on Mutation { b: createSession(input: {}) { __typename } }`,
        `mutation { ...F ...F ... { createSession(input: {}) { __typename } } }
         fragment F on Mutation { createSession(input: {}) { __typename } }`
      ]
      for (const document of documents) {
        const { errors, extensions } = yield* client.request(document, {}, { headers: { "idempotency-key": "left" } })
        assert.deepStrictEqual(errors, [])
        assert.lengthOf(extensions["idempotency"] as Array<unknown>, 1)
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("on a mutation of which nothing is left does nothing", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const headers = { "idempotency-key": "k" }
      for (const document of ["mutation { __typename }", `mutation { note(text: "a") @skip(if: true) __typename }`]) {
        const { data, extensions } = yield* client.request(document, {}, { headers })
        assert.deepStrictEqual(data, { __typename: "Mutation" })
        assert.deepStrictEqual(extensions, {})
      }
    }).pipe(Effect.provide(layerTest))
  )
})

describe("@idempotent", () => {
  it.effect("gives each field its own key, as a literal, a variable or a variable's default", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const document = two(`@idempotent(key: "literal")`, "@idempotent(key: $key)", `($key: String! = "from-variable")`)
      const ask = (variables: Record<string, unknown>) => client.request(document, variables)
      const first = yield* ask({})
      assert.deepStrictEqual(first.extensions["idempotency"], [
        { path: ["a"], key: "literal", replayed: false },
        { path: ["b"], key: "from-variable", replayed: false }
      ])
      const second = yield* ask({ key: "other" })
      assert.deepStrictEqual(second.extensions["idempotency"], [
        { path: ["a"], key: "literal", replayed: true },
        { path: ["b"], key: "other", replayed: false }
      ])
      assert.isNull(second.headers.get("idempotent-replayed"))
      const third = yield* ask({ key: "other" })
      assert.deepStrictEqual(third.data, { a: { replayed: true }, b: { replayed: true } })
      // The header speaks of one field only.
      assert.isNull(third.headers.get("idempotent-replayed"))
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is a key like the header's: the other way of sending it again", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      yield* client.request(create, {}, { headers: { "idempotency-key": "k" } })
      const again = yield* client.request(create.replace("(input: {})", `(input: {}) @idempotent(key: "k")`))
      assert.strictEqual(again.headers.get("idempotent-replayed"), "true")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("may stand on some fields and not on others", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const { extensions } = yield* client.request(two("", `@idempotent(key: "b")`))
      assert.deepStrictEqual(extensions["idempotency"], [{ path: ["b"], key: "b", replayed: false }])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each(["", "a b", "é", "x".repeat(256), '\\"quoted\\" with space'])(
    "with what is no key is a 400 before anything runs: %s",
    (key) =>
      Effect.gen(function* () {
        const { client, traces } = yield* makeWorld()
        const literal = `mutation { a: note(text: "a") b: note(text: "b") @idempotent(key: "${key}") }`
        const variable = `mutation ($key: String!) { a: note(text: "a") b: note(text: "b") @idempotent(key: $key) }`
        for (const answer of [yield* client.request(literal), yield* client.request(variable, { key })]) {
          assert.strictEqual(answer.status, 400)
          assert.isUndefined(answer.data)
          assert.strictEqual(answer.errors[0]?.extensions?.code, "INVALID_IDEMPOTENCY_KEY")
        }
        assert.deepStrictEqual(traces.notes, [])
      }).pipe(Effect.provide(layerTest))
  )

  it.effect("has to agree with the header, and with itself where two fields become one", () =>
    Effect.gen(function* () {
      const { client, traces } = yield* makeWorld()
      const one = `mutation { note(text: "ran") @idempotent(key: "k") }`
      const merged = (key: string) =>
        `mutation { note(text: "ran") @idempotent(key: "k") note(text: "ran") @idempotent(key: "${key}") }`
      const ask = (document: string, header: string | undefined) =>
        Effect.map(client.request(document, {}, { headers: { "idempotency-key": header } }), ({ status }) => status)
      assert.strictEqual(yield* ask(one, "k"), 200)
      assert.strictEqual(yield* ask(one, `"k"`), 200)
      assert.strictEqual(yield* ask(merged("k"), undefined), 200)
      assert.strictEqual(yield* ask(merged("k"), "k"), 200)
      assert.lengthOf(traces.notes, 4)
      assert.strictEqual(yield* ask(one, "other"), 400)
      assert.strictEqual(yield* ask(merged("other"), undefined), 400)
      assert.lengthOf(traces.notes, 4)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is ignored by a query, and refused inside an answer, where it would do nothing", () =>
    Effect.gen(function* () {
      const { client, traces } = yield* makeWorld()
      const query = yield* client.request(`{ viewer @idempotent(key: "a b") { organization } }`)
      assert.deepStrictEqual([query.status, query.errors], [200, []])
      const inside = yield* client.request(create.replace("session {", `session @idempotent(key: "k") {`))
      assert.strictEqual(inside.status, 400)
      assert.strictEqual(inside.errors[0]?.extensions?.code, "GRAPHQL_VALIDATION_FAILED")
      assert.deepStrictEqual(traces.notes, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("under another inflection is the same key, and its path has the name of the answer", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      yield* client.request(create, {}, { headers: { "idempotency-key": "k" } })
      const headers = { "idempotency-key": "k", "key-inflection": "snake" }
      const { data, extensions } = yield* client.request<Record<string, { replayed: boolean }>>(create, {}, { headers })
      assert.strictEqual(data?.["create_session"]?.replayed, true)
      assert.deepStrictEqual(extensions["idempotency"], [{ path: ["create_session"], key: "k", replayed: true }])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("reports the fields that succeeded when another one failed", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const document = two(`@idempotent(key: "a")`, `@idempotent(key: "b")`).replace("b: ", "throwsToo b: ")
      const { data, errors, extensions } = yield* client.request<Record<string, unknown>>(document)
      assert.deepStrictEqual(data, { a: { replayed: false }, throwsToo: null, b: { replayed: false } })
      assert.lengthOf(errors, 1)
      assert.lengthOf(extensions["idempotency"] as Array<unknown>, 2)
    }).pipe(Effect.provide(layerTest))
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { getIntrospectionQuery } from "graphql"
import { layerTest } from "../Stores.ts"
import { makeWorld } from "./World.ts"

const create = `mutation ($input: CreateSessionInput!) {
  createSession(input: $input) { __typename ... on CreateSessionSuccess { session { externalRef metadata } } }
}`

const metadata = { firstName: "Ada", last_name: "L", "nick-name": { innerKey: [{ deepKey: 1 }] } }

/** Creates a session with this inflection; answers everything. */
const created = Effect.fnUntraced(function* (inflection: string | undefined, document = create) {
  const { client } = yield* makeWorld()
  const headers = { "key-inflection": inflection, "idempotency-key": "once" }
  return yield* client.request<Record<string, unknown>>(
    document,
    { input: { externalRef: "user-42", metadata } },
    { headers }
  )
})

describe("Key-Inflection", () => {
  it.effect("leaves the names of the schema alone when it is not sent", () =>
    Effect.gen(function* () {
      const { data } = yield* created(undefined)
      const session = { externalRef: "user-42", metadata }
      assert.deepStrictEqual(data, { createSession: { __typename: "CreateSessionSuccess", session } })
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each([
    ["snake", "create_session", "external_ref"],
    ["camel", "createSession", "externalRef"],
    ["kebab", "create-session", "external-ref"]
  ])("%s renames the fields of the schema, and nothing inside metadata", ([inflection = "", field = "", ref = ""]) =>
    Effect.gen(function* () {
      const { data, extensions } = yield* created(inflection)
      const session = { [ref]: "user-42", metadata }
      assert.deepStrictEqual(data, { [field]: { __typename: "CreateSessionSuccess", session } })
      assert.deepStrictEqual(extensions, { idempotency: [{ path: [field], key: "once", replayed: false }] })
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("leaves aliases alone, which are the client's own", () =>
    Effect.gen(function* () {
      const document = `mutation ($input: CreateSessionInput!) {
        newSession: createSession(input: $input) { ... on CreateSessionSuccess { theSession: session { myRef: externalRef createdAt } } }
      }`
      const { data, extensions } = yield* created("snake", document)
      const session = { myRef: "user-42", created_at: "1970-01-01T00:00:00.000Z" }
      assert.deepStrictEqual(data, { newSession: { theSession: session } })
      assert.deepStrictEqual(extensions["idempotency"], [{ path: ["newSession"], key: "once", replayed: false }])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("renames the paths of errors with the fields, and leaves their extensions", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const headers = { "key-inflection": "kebab" }
      const { data, errors } = yield* client.request("{ setsStatus mine: setsStatus answersGarbage }", {}, { headers })
      assert.deepStrictEqual(data, { "sets-status": null, mine: null, "answers-garbage": null })
      assert.deepStrictEqual(
        errors.map(({ path }) => path),
        [["sets-status"], ["mine"], ["answers-garbage"]]
      )
      assert.property(errors[0]?.extensions, "requestId")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("leaves introspection alone, through fragments too", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const plain = yield* client.request(getIntrospectionQuery())
      const inflected = yield* client.request(getIntrospectionQuery(), {}, { headers: { "key-inflection": "snake" } })
      assert.deepStrictEqual(inflected.data, plain.data)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("reaches through fragments, named and inline", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const document = `{ viewer { ...F ... { apiKeyId } } } fragment F on Viewer { environmentKind }`
      const { data } = yield* client.request(document, {}, { headers: { "key-inflection": "snake" } })
      assert.hasAllKeys((data as { viewer: object }).viewer, ["environment_kind", "api_key_id"])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("finds the idempotency key of a field in a fragment, in whatever casing it is asked for next", () =>
    Effect.gen(function* () {
      const document = `mutation ($input: CreateSessionInput!) { ...F }
      fragment F on Mutation { createSession(input: $input) { ... on CreateSessionSuccess { session { id } } } }`
      const { client } = yield* makeWorld()
      const reports: Array<unknown> = []
      for (const inflection of [undefined, "snake", "kebab", "snake", undefined]) {
        const headers = { "key-inflection": inflection, "idempotency-key": "once" }
        const { extensions } = yield* client.request(document, { input: { externalRef: "user-42" } }, { headers })
        reports.push(extensions["idempotency"])
      }
      const report = (field: string, replayed: boolean) => [{ path: [field], key: "once", replayed }]
      assert.deepStrictEqual(reports, [
        report("createSession", false),
        report("create_session", true),
        report("create-session", true),
        report("create_session", true),
        report("createSession", true)
      ])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect.each(["", "Snake", "snake_case", "pascal", "snake, snake"])(
    "is a 400 for anything else: %s",
    (inflection) =>
      Effect.gen(function* () {
        const { client, traces } = yield* makeWorld()
        for (const accept of ["application/json", "application/graphql-response+json"]) {
          const request = { headers: { "key-inflection": inflection, accept } }
          const answer = yield* client.request(`mutation { note(text: "ran") }`, {}, request)
          assert.strictEqual(answer.status, 400)
          assert.isUndefined(answer.data)
          assert.strictEqual(answer.errors[0]?.extensions?.code, "INVALID_INFLECTION")
        }
        assert.deepStrictEqual(traces.notes, [])
      }).pipe(Effect.provide(layerTest))
  )

  it.effect.each([
    ["an alias and another field", "{ viewer { api_key_id: organization apiKeyId } }"],
    ["an alias of the same field", "{ viewer { api_key_id: apiKeyId apiKeyId } }"],
    ["fields in fragments", "{ viewer { ...F apiKeyId } } fragment F on Viewer { api_key_id: organization }"],
    ["fields of objects that are merged", "{ viewer { apiKeyId } viewer { api_key_id: organization } }"],
    ["__typename under another name", "{ viewer { api_key_id: __typename apiKeyId } }"]
  ])("is a 400 where two names would become one: %s", ([_, document = ""]) =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      assert.deepStrictEqual((yield* client.request(document)).errors, [])
      const { data, errors, status } = yield* client.request(document, {}, { headers: { "key-inflection": "snake" } })
      assert.strictEqual(status, 400)
      assert.isUndefined(data)
      assert.strictEqual(errors[0]?.extensions?.code, "INVALID_INFLECTION")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("runs nothing where root fields would collide", () =>
    Effect.gen(function* () {
      const { client, traces } = yield* makeWorld()
      const document = `mutation { throws_too: note(text: "ran") throwsToo }`
      const { status } = yield* client.request(document, {}, { headers: { "key-inflection": "snake" } })
      assert.strictEqual(status, 400)
      assert.deepStrictEqual(traces.notes, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is no collision where one field is asked for twice, or where only one of two types can be there", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      const documents = [
        "{ viewer { apiKeyId apiKeyId ... { apiKeyId } } }",
        `mutation { updateSession(id: "none", input: {}) {
          ... on ConflictError { currentRevision } ... on ForbiddenError { current_revision: message }
        } }`.replace("current_revision: message", "requiredScope")
      ]
      for (const document of documents) {
        const { status } = yield* client.request(document, {}, { headers: { "key-inflection": "snake" } })
        assert.strictEqual(status, 200)
      }
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is decided by each request, also when documents are the same", () =>
    Effect.gen(function* () {
      const { client } = yield* makeWorld()
      for (const [inflection, key] of [
        ["snake", "api_key_id"],
        [undefined, "apiKeyId"],
        ["kebab", "api-key-id"],
        ["snake", "api_key_id"]
      ]) {
        const { data } = yield* client.request(
          "{ viewer { apiKeyId } }",
          {},
          { headers: { "key-inflection": inflection } }
        )
        assert.deepStrictEqual(Object.keys((data as { viewer: object }).viewer), [key])
      }
    }).pipe(Effect.provide(layerTest))
  )
})

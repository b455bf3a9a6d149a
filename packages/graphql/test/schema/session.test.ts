/** What a client sees when it reads one session, or a node. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import { connect, createSession } from "./Ask.ts"

const read = `
  query ($id: ID!) {
    session(id: $id) { id revision }
    node(id: $id) { __typename id ... on Session { revision } }
  }
`

const nothing = { session: null, node: null }

it.layer(layerTest)("session and node", (it) => {
  it.effect("answer a session of the caller's", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      const { data, errors } = yield* ask(read, { id })
      assert.isUndefined(errors)
      assert.deepStrictEqual(data, { session: { id, revision: 1 }, node: { __typename: "Session", id, revision: 1 } })
    })
  )

  it.effect("are null, without an error, for what was never issued and for what belongs to somebody else", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect({ organization: "acme" })
      const live = yield* connect({ organization: "acme", environment: "live" })
      const globex = yield* connect({ organization: "globex" })
      const foreign = [yield* createSession(live.ask), yield* createSession(globex.ask)]
      for (const id of [
        ...foreign,
        "ses_00000000000000000000000000",
        "env_00000000000000000000000000",
        "nonsense",
        ""
      ]) {
        const { data, errors } = yield* ask(read, { id })
        assert.isUndefined(errors)
        assert.deepStrictEqual(data, nothing)
      }
    })
  )

  it.effect("are null with INSUFFICIENT_SCOPE, naming the scope, for a key that may not read", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect({ scopes: ["sessions:create"] })
      const { data, errors } = yield* ask(read, { id: yield* createSession(ask) })
      assert.deepStrictEqual(data, nothing)
      assert.deepStrictEqual(
        errors?.map(({ extensions, path }) => ({ extensions, path })),
        ["session", "node"].map((field) => ({
          extensions: { code: "INSUFFICIENT_SCOPE", requiredScope: "sessions:read" },
          path: [field]
        }))
      )
    })
  )

  it.effect("are null with UNAUTHORIZED where nobody asks", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const { data, errors } = yield* ask(read, { id: "ses_00000000000000000000000000" }, { caller: null })
      assert.deepStrictEqual(data, nothing)
      assert.deepStrictEqual(
        errors?.map(({ extensions }) => extensions),
        [{ code: "UNAUTHORIZED" }, { code: "UNAUTHORIZED" }]
      )
    })
  )
})

/** What a client sees when something fails that it cannot do anything about. */
import { assert, it } from "@effect/vitest"
import { Faults, layerOver } from "@holdfast/testing"
import { Effect } from "effect"
import { layerStores } from "../Stores.ts"
import { connect, createSession } from "./Ask.ts"

it.layer(layerOver(Faults.layerFaulty(layerStores)))("a failure", (it) => {
  it.effect("of the store is UNAVAILABLE at its own field, and the other fields keep their results", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const faults = yield* Faults.Faults
      const id = yield* createSession(ask)
      yield* faults.next("sessions.load", (call) => call, Faults.refuse)
      const { data, errors, reports } = yield* ask(
        `mutation ($id: ID!) {
          a: updateSession(id: $id, input: { metadata: { a: 1 } }) { ... on UpdateSessionSuccess { session { revision } } }
          b: updateSession(id: $id, input: { metadata: { b: 1 } }) { ... on UpdateSessionSuccess { session { revision } } }
          c: updateSession(id: $id, input: { metadata: { c: 1 } }) { ... on UpdateSessionSuccess { session { revision } } }
        }`,
        { id },
        { keys: { a: "k-a", b: "k-b" } }
      )
      assert.deepStrictEqual(data, { a: { session: { revision: 2 } }, b: null, c: { session: { revision: 3 } } })
      assert.strictEqual(errors?.length, 1)
      const [error] = errors ?? []
      assert.deepStrictEqual(error?.path, ["b"])
      assert.strictEqual(error?.extensions?.code, "UNAVAILABLE")
      assert.isNumber(error?.extensions?.retryAfter)
      assert.deepStrictEqual(reports, [{ path: ["a"], key: "k-a", replayed: false }])
    })
  )

  it.effect("of the store makes what is read null, not absent", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const faults = yield* Faults.Faults
      const id = yield* createSession(ask)
      yield* faults.next("sessions.load", Faults.refuse)
      yield* faults.next("sessions.list", Faults.refuse)
      const { data, errors } = yield* ask(
        `query ($id: ID!) { viewer { scopes } session(id: $id) { id } sessions { edges { cursor } } }`,
        { id }
      )
      assert.deepInclude(data as object, { session: null, sessions: null })
      assert.deepStrictEqual(
        errors?.map(({ extensions, path }) => [path, extensions?.code]),
        [
          [["session"], "UNAVAILABLE"],
          [["sessions"], "UNAVAILABLE"]
        ]
      )
    })
  )

  it.effect("that is a bug leaves null at its field, too", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const faults = yield* Faults.Faults
      const id = yield* createSession(ask)
      yield* faults.next("sessions.load", Faults.crash)
      const { data, errors } = yield* ask(
        `mutation ($id: ID!) {
          broken: updateSession(id: $id, input: {}) { __typename }
          fine: updateSession(id: $id, input: {}) { __typename }
        }`,
        { id }
      )
      assert.deepStrictEqual(data, { broken: null, fine: { __typename: "UpdateSessionSuccess" } })
      assert.deepStrictEqual(
        errors?.map(({ path }) => path),
        [["broken"]]
      )
    })
  )
})

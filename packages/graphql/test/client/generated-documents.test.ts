/**
 * A client whose documents are made by graphql-codegen's client preset: they compile, with their variables and results typed,
 * and they run. The first five are those of the package's `operations`, which GraphiQL shows as its tabs.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  ChangeSessionDocument,
  CreateSessionDocument,
  InvalidInputDocument,
  NotFoundDocument,
  ReadBackDocument,
  RedactSessionDocument,
  RetrySafelyDocument,
  SessionsByStatusDocument,
  UpdateSessionDocument
} from "../generated/graphql.ts"
import { layerTest } from "../Stores.ts"
import type { Answer } from "../schema/Ask.ts"
import { connect, createSession } from "../schema/Ask.ts"

/** The data of an answer that has no errors. */
const dataOf = <Data>({ data, errors }: Answer<Data>): Data => {
  assert.isUndefined(errors)
  return data ?? assert.fail("no data")
}

it.layer(layerTest)("the operations of the package", (it) => {
  it.effect("UpdateSession merges, and changes nothing the second time", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask, { metadata: { note: "old", kept: true } })
      for (const _ of ["first", "second"]) {
        const { updateSession } = dataOf(yield* ask(UpdateSessionDocument, { id }))
        if (updateSession?.__typename !== "UpdateSessionSuccess") return assert.fail(updateSession?.__typename)
        assert.strictEqual(updateSession.session.externalRef, "user-42")
        assert.deepStrictEqual(updateSession.session.metadata, { kept: true, tier: "gold", visits: [1, 2] })
        assert.strictEqual(updateSession.session.revision, 2)
      }
    })
  )

  it.effect("RetrySafely is replayed the second time", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      const keys = { updateSession: "upgrade-to-platinum" }
      for (const replayed of [false, true]) {
        const { updateSession } = dataOf(yield* ask(RetrySafelyDocument, { id }, { keys }))
        if (updateSession?.__typename !== "UpdateSessionSuccess") return assert.fail(updateSession?.__typename)
        assert.strictEqual(updateSession.replayed, replayed)
        assert.deepStrictEqual(updateSession.session, { id, metadata: { tier: "platinum" }, revision: 2 })
      }
    })
  )

  it.effect("NotFound is answered as data", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const { updateSession } = dataOf(yield* ask(NotFoundDocument, {}))
      assert.deepStrictEqual(updateSession, {
        __typename: "NotFoundError",
        code: "NOT_FOUND",
        message: "There is no session with this id"
      })
    })
  )

  it.effect("InvalidInput lists every broken rule", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const id = yield* createSession(ask)
      const { updateSession } = dataOf(yield* ask(InvalidInputDocument, { id }))
      if (updateSession?.__typename !== "UnprocessableError") return assert.fail(updateSession?.__typename)
      assert.deepStrictEqual(
        updateSession.issues.map(({ code, path }) => [path.join("."), code]),
        [
          ["metadata.__proto__", "FORBIDDEN_KEY"],
          ["metadata.account", "UNSAFE_NUMBER"],
          ["metadata.limit", "NOT_FINITE"],
          ["expectedRevision", "UNKNOWN_VALUE"]
        ]
      )
    })
  )

  it.effect("ReadBack shows the key, the session and the list", () =>
    Effect.gen(function* () {
      const { ask, caller } = yield* connect()
      const id = yield* createSession(ask, { externalRef: "user-42" })
      const { session, sessions, viewer } = dataOf(yield* ask(ReadBackDocument, { id }))
      assert.strictEqual(viewer?.organization, caller.organization)
      assert.strictEqual(session?.externalRef, "user-42")
      assert.deepStrictEqual(
        sessions?.edges.map(({ node }) => node),
        [{ id, status: "PENDING", revision: 1 }]
      )
    })
  )
})

it.layer(layerTest)("a generated client", (it) => {
  it.effect("creates, changes, lists and redacts a session with typed variables", () =>
    Effect.gen(function* () {
      const { ask } = yield* connect()
      const { createSession } = dataOf(yield* ask(CreateSessionDocument, { input: { metadata: { tier: "silver" } } }))
      if (createSession?.__typename !== "CreateSessionSuccess") return assert.fail(createSession?.__typename)
      const { id, revision } = createSession.session

      const input = { externalRef: "user-42", metadata: { tier: "gold" }, expectedRevision: revision }
      const { updateSession } = dataOf(yield* ask(ChangeSessionDocument, { id, input }))
      if (updateSession?.__typename !== "UpdateSessionSuccess") return assert.fail(updateSession?.__typename)
      assert.deepInclude(updateSession.session, { externalRef: "user-42", metadata: { tier: "gold" }, revision: 2 })

      const { sessions } = dataOf(yield* ask(SessionsByStatusDocument, { status: "PENDING", first: 10 }))
      assert.deepStrictEqual(
        sessions?.edges.map(({ node }) => node),
        [updateSession.session]
      )
      assert.isFalse(sessions?.pageInfo.hasNextPage)

      const { redactSession } = dataOf(yield* ask(RedactSessionDocument, { id }))
      if (redactSession?.__typename !== "RedactSessionSuccess") return assert.fail(redactSession?.__typename)
      assert.deepInclude(redactSession.session, { externalRef: null, metadata: {}, retentionStatus: "REDACTED" })
    })
  )
})

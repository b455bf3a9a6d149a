/** How times are written, and which are read, for the day an input has one. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { TestClock } from "effect/testing"
import type { GraphQLScalarType } from "graphql"
import { makeSchema } from "../../src/Schema.ts"
import { layerTest } from "../Stores.ts"
import { connect, graphqlJs, unreachableSessions, yoga } from "./Ask.ts"

describe.each([
  ["graphql-js", graphqlJs],
  ["Yoga's executor", yoga]
] as const)("a DateTime, run by %s,", (_, engine) => {
  it.layer(layerTest)((it) => {
    it.effect("is written in UTC with milliseconds and Z", () =>
      Effect.gen(function* () {
        const { ask } = yield* connect({}, engine)
        yield* TestClock.setTime(Date.parse("2026-11-22T20:57:00.1+01:00"))
        const { data } = yield* ask(
          `mutation {
            createSession(input: {}) { ... on CreateSessionSuccess { session { createdAt tokenExpiresAt } } }
          }`
        )
        assert.deepStrictEqual(data, {
          createSession: {
            session: { createdAt: "2026-11-22T19:57:00.100Z", tokenExpiresAt: "2026-11-22T20:17:00.100Z" }
          }
        })
      })
    )
  })
})

describe("a DateTime", () => {
  const scalar = makeSchema({ sessions: unreachableSessions }).getType("DateTime") as GraphQLScalarType

  it("is read from RFC 3339 text in any zone", () => {
    for (const text of ["2026-11-22T19:57:00Z", "2026-11-22T19:57:00.000Z", "2026-11-22t20:57:00+01:00"]) {
      const read = scalar.coerceInputValue(text) as DateTime.Utc
      assert.strictEqual(DateTime.formatIso(read), "2026-11-22T19:57:00.000Z")
    }
  })

  it("is read from nothing else, and the message does not repeat what was sent", () => {
    const message = /^A DateTime is RFC 3339 text, such as 2026-11-22T19:57:00.000Z$/
    for (const value of ["2026-11-22", "22.11.2026 19:57", "2026-13-01T00:00:00Z", "2026-11-22T19:57:00", "", 0, {}]) {
      assert.throws(() => scalar.coerceInputValue(value), message)
    }
  })
})

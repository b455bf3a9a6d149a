/** What was accepted comes back value for value (contract §4), whatever a database would rather make of it. */
import { Session } from "@holdfast/core"
import type { JsonObject } from "@holdfast/core"
import { assert, describe } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Arbitraries from "../Arbitraries.ts"
import { at, makeId } from "../Factories.ts"
import { makeWorld, same } from "./World.ts"
import type { SuiteIt } from "./World.ts"

const trying: JsonObject = {
  empty: "",
  text: "Zoë 👍🏽 𝒳 \u2028\u2029 \uFEFF \u007f \\ \" ' $1 ? :a @a %",
  composed: ["é", "e\u0301"],
  controls: "\b\t\n\u000b\f\r\u001f",
  numbers: [0, 1, -1, 0.1, 1e21, 1e-7, 2 ** 53 - 1, -(2 ** 53 - 1), 5e-324, 1.7976931348623157e308],
  digits: ["007", "1e3", "NaN", "null", "true"],
  nested: { null: null, list: [null, [], {}, [[null]]], deep: { "": { "": "" } } },
  constructor: "an ordinary key",
  toString: "another",
  "key with \"quotes\" and 'quotes'": true,
  "ключ 🔑": false,
  "10": "ten",
  "9": "nine"
}

const full = {
  status: "under_review",
  isSandbox: false,
  createdAt: at(1_767_225_600_001),
  updatedAt: at(1_767_225_600_999),
  externalRef: "Zoë 👍🏽 'quoted'",
  country: "NZ",
  checks: ["document", ""],
  workflowId: "",
  redirectUrl: "https://example.com/?a=1&b=%20#x",
  documentType: "passport",
  retentionStatus: "sensitive_redacted",
  processingAttempts: 0,
  consentIp: "2001:db8::1",
  capture: { generation: 3, keyVersion: "deadbeef" },
  tokenExpiresAt: at(1_767_225_601_000),
  caseId: "case_1",
  caseStatus: "pending_second_review",
  tags: ["b", "a", "👍🏽"]
} as const

/** Every field and every JSON value survives the store. */
export const valueRules = (it: SuiteIt) =>
  describe("values", () => {
    it.effect("come back exactly: every field set, every field empty, and metadata that tries hard", () =>
      Effect.gen(function* () {
        const { given, session, stored } = yield* makeWorld
        const sessions = [session(1, { ...full, metadata: trying }), session(2), session(3, { tokenExpiresAt: null })]
        for (const one of sessions) {
          yield* given(one)
          const found = yield* stored(one.id)
          assert.isTrue(Schema.is(Session)(found), "what is loaded is a session")
          same(found, one)
        }
      })
    )

    it.effect("tell an empty text, an empty list and an empty map from nothing", () =>
      Effect.gen(function* () {
        const { given, session, stored } = yield* makeWorld
        yield* given(session(1, { externalRef: "", workflowId: "", checks: [], metadata: { a: "", b: [], c: {} } }))
        yield* given(session(2, { externalRef: null, workflowId: null, checks: null, metadata: {} }))
        const [empty, absent] = [yield* stored(makeId("ses", 1)), yield* stored(makeId("ses", 2))]
        assert.deepStrictEqual([empty?.externalRef, empty?.workflowId, empty?.checks], ["", "", []])
        assert.deepStrictEqual([absent?.externalRef, absent?.workflowId, absent?.checks], [null, null, null])
      })
    )

    it.effect("come back exactly when a session is as large as it may be", () =>
      Effect.gen(function* () {
        const { change, commit, given, session, stored } = yield* makeWorld
        const value = "👍".repeat(1_300)
        const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}`.padStart(128, "é"), value]))
        const one = yield* given(session(1))
        assert.strictEqual(yield* commit(change(one, { metadata })), "committed")
        same((yield* stored(one.id))?.metadata, metadata)
      })
    )

    it.effect("come back exactly in a record", () =>
      Effect.gen(function* () {
        const { given, held, record, session } = yield* makeWorld
        const body = { format: 2, keyVersion: "00ff00ff", fingerprint: "-_Az09", outcome: JSON.stringify(trying) }
        const claim = record("!~\"'\\%", makeId("ses", 1), { body, createdAt: at(123), operation: "createSession" })
        yield* given(session(1), { record: claim })
        same(yield* held("!~\"'\\%", 123), claim)
      })
    )

    it.effect.prop(
      "any metadata comes back as it was",
      [Arbitraries.metadata, Arbitraries.metadata],
      ([metadata, next]) =>
        Effect.gen(function* () {
          const { change, commit, given, session, stored } = yield* makeWorld
          const one = yield* given(session(1, { metadata }))
          same((yield* stored(one.id))?.metadata, metadata)
          assert.strictEqual(yield* commit(change(one, { metadata: next })), "committed")
          same((yield* stored(one.id))?.metadata, next)
        })
    )
  })

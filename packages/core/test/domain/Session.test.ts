import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Result } from "effect"
import { inspect } from "node:util"
import type { EnvironmentId, SessionId } from "../../src/domain/Ids.ts"
import { hasLapsed, lapse } from "../../src/domain/Lapse.ts"
import { MetadataPatch } from "../../src/domain/Metadata.ts"
import type { Session } from "../../src/domain/Session.ts"
import type { OrganizationSlug } from "../../src/domain/Tenant.ts"
import { decodeAll } from "../../src/domain/Violation.ts"
import * as CreateSession from "../../src/operations/CreateSession.ts"
import { decide as redact } from "../../src/operations/RedactSession.ts"
import { decide as update, updateSession, UpdateSessionInput } from "../../src/operations/UpdateSession.ts"

const start = DateTime.makeUnsafe("2026-11-22T10:00:00.000Z")
const after = (minutes: number) => DateTime.addDuration(start, Duration.minutes(minutes))

const make = (input: CreateSession.CreateSessionInput = {}): Session =>
  Result.getOrThrow(
    CreateSession.decide(
      {
        id: "ses_01k9zzzzzzzzzzzzzzzzzzzzzz" as SessionId,
        owner: {
          organization: "acme" as OrganizationSlug,
          environment: "env_01k9zzzzzzzzzzzzzzzzzzzzzz" as EnvironmentId,
          kind: "sandbox",
          scopes: new Set(),
          apiKey: null,
          version: null,
          inflection: null
        },
        keyVersion: "00000000",
        tokenLifetime: Duration.minutes(20)
      },
      input,
      start
    )
  ).session

const issues = (decoded: Result.Result<unknown, ReadonlyArray<{ path: ReadonlyArray<string>; code: string }>>) =>
  Result.isFailure(decoded) ? decoded.failure.map(({ code, path }) => [path.join("."), code]) : []

describe("a new session", () => {
  it("is pending, at revision 1, with a token of twenty minutes", () => {
    const session = make({ metadata: { a: 1, b: null }, externalRef: "" })
    assert.strictEqual(session.status, "pending")
    assert.strictEqual(session.revision, 1)
    assert.deepStrictEqual(session.tokenExpiresAt, after(20))
    assert.deepStrictEqual(session.metadata, { a: 1 })
    assert.strictEqual(session.externalRef, "")
    assert.isTrue(session.isSandbox)
  })

  it("lists everything that is wrong with its input at once", () => {
    const decoded = CreateSession.decode({
      externalRef: "x".repeat(256),
      country: "ZZ",
      checks: "all",
      tags: ["a", "a"],
      redirectUrl: "javascript:alert(1)",
      status: "completed",
      metadata: null
    })
    assert.sameDeepMembers(issues(decoded), [
      ["externalRef", "too_long"],
      ["country", "unknown_value"],
      ["checks", "wrong_type"],
      ["tags.1", "unknown_value"],
      ["redirectUrl", "unknown_value"],
      ["status", "immutable_field"],
      ["metadata", "wrong_type"]
    ])
  })

  it("counts the external reference in code points and takes 255", () => {
    assert.deepStrictEqual(issues(CreateSession.decode({ externalRef: "👍".repeat(255) })), [])
    assert.deepStrictEqual(issues(CreateSession.decode({ externalRef: "👍".repeat(256) })), [
      ["externalRef", "too_long"]
    ])
    assert.deepStrictEqual(issues(CreateSession.decode({ externalRef: "\u0000" })), [["externalRef", "invalid_text"]])
  })

  it("takes 50 tags of 128 characters, and names the one that is wrong", () => {
    const tags = Array.from({ length: 50 }, (_, index) => `${index}`.padStart(128, "t"))
    assert.deepStrictEqual(issues(CreateSession.decode({ tags })), [])
    assert.deepStrictEqual(issues(CreateSession.decode({ tags: [...tags, "one more"] })), [["tags", "too_many_keys"]])
    assert.deepStrictEqual(issues(CreateSession.decode({ tags: ["ok", 5, "", "\u0000", "ok"], checks: [6, "a", 7] })), [
      ["checks.0", "wrong_type"],
      ["checks.2", "wrong_type"],
      ["tags.1", "wrong_type"],
      ["tags.2", "empty_key"],
      ["tags.3", "invalid_text"],
      ["tags.4", "unknown_value"]
    ])
  })
})

describe("input from a stranger", () => {
  const fields = (count: number, value: unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, value]))

  it.each([
    ["three hundred thousand empty tags", { tags: Array.from({ length: 333_000 }, () => "") }],
    ["as many numbers", { checks: Array.from({ length: 333_000 }, () => 1) }],
    ["ninety thousand unknown fields", fields(90_000, 1)],
    ["ninety thousand keys to remove", { metadata: fields(90_000, null) }]
  ])("%s gets an answer that is shorter than the question", (_, input) => {
    const decoded = CreateSession.decode(input)
    assert.isTrue(Result.isFailure(decoded))
    assert.isBelow(JSON.stringify(decoded).length, 20_000)
  })

  it.each([
    new Map([["externalRef", "x"]]),
    new Date(0),
    Object.create({ externalRef: "x" }) as unknown,
    { [Symbol("s")]: 1 }
  ])("that is no plain object is refused, not taken for an empty one", (input) => {
    assert.deepStrictEqual(issues(updateSession.decode(input)), [["", "wrong_type"]])
  })

  it("cannot put a line break into the URL that people are sent to", () => {
    for (const redirectUrl of ["https://a.example/\r\nSet-Cookie: x", " https://a.example", "https://a.example/\t"]) {
      assert.deepStrictEqual(issues(CreateSession.decode({ redirectUrl })), [["redirectUrl", "unknown_value"]])
    }
  })
})

describe("an update", () => {
  const session = make({ metadata: { tier: "silver" }, externalRef: "user-1" })

  it("names any other field and says that only two can change", () => {
    const decoded = updateSession.decode({ status: "completed", revision: 7, externalRef: 5 })
    assert.sameDeepMembers(issues(decoded), [
      ["status", "immutable_field"],
      ["revision", "immutable_field"],
      ["externalRef", "wrong_type"]
    ])
    assert.include(JSON.stringify(decoded), "only the external reference and the metadata")
  })

  it.each([null, [], "text", 5, undefined])("is an object, not %j", (input) => {
    assert.deepStrictEqual(issues(updateSession.decode(input)), [["", "wrong_type"]])
  })

  it("expects a revision from 1 to what GraphQL's Int can carry", () => {
    for (const good of [1, 2_147_483_647, null])
      assert.deepStrictEqual(issues(updateSession.decode({ expectedRevision: good })), [])
    for (const bad of [0, -1, 2_147_483_648]) {
      assert.deepStrictEqual(issues(updateSession.decode({ expectedRevision: bad })), [
        ["expectedRevision", "unknown_value"]
      ])
    }
    for (const bad of [1.5, "1", {}]) {
      assert.deepStrictEqual(issues(updateSession.decode({ expectedRevision: bad })), [
        ["expectedRevision", "wrong_type"]
      ])
    }
  })

  const bySchema = decodeAll(UpdateSessionInput)

  it("is taken and refused as its schema says, whatever it holds", () => {
    const numbers = [0, 1, -1, 1.5, 2 ** 31 - 1, 2 ** 31, 2 ** 60, Number.NaN, 1n]
    const texts = ["", "1", "x".repeat(255), "x".repeat(256), "👍".repeat(255), "👍".repeat(256), "\u0000", "\ud800"]
    const patches = [{}, { a: null }, { "": 1 }, { a: "\ud800" }, { a: { b: 1n } }, { a: "x".repeat(16_383) }]
    const others = [undefined, null, true, [], ["x"], JSON.parse('{"__proto__":1}'), new Date(0), () => 1, Symbol("x")]
    const values: ReadonlyArray<unknown> = [numbers, texts, patches, others].flat()
    for (const field of Object.keys(UpdateSessionInput.fields)) {
      for (const value of values) {
        const decoded = updateSession.decode({ [field]: value })
        const expected = bySchema({ [field]: value })
        assert.strictEqual(Result.isSuccess(decoded), Result.isSuccess(expected), `${field}: ${inspect(value)}`)
        if (Result.isFailure(decoded)) assert.deepStrictEqual(decoded, expected)
      }
    }
  })

  it.prop("with good metadata is what its schema makes of it", [MetadataPatch], ([metadata]) => {
    const input = { metadata, externalRef: "a", expectedRevision: 1 }
    assert.deepStrictEqual(updateSession.decode(input), bySchema(input))
  })

  it("replaces, clears or keeps the external reference", () => {
    const refOf = (input: object) => Result.getOrThrow(update(session, input, start)).session.externalRef
    assert.strictEqual(refOf({ externalRef: "user-2" }), "user-2")
    assert.strictEqual(refOf({ externalRef: null }), null)
    assert.strictEqual(refOf({ externalRef: "" }), "")
    assert.strictEqual(refOf({}), "user-1")
  })

  it("that changes nothing is the same session and no event", () => {
    for (const input of [{}, { metadata: {} }, { metadata: { tier: "silver", gone: null }, externalRef: "user-1" }]) {
      const decision = Result.getOrThrow(update(session, input, after(5)))
      assert.strictEqual(decision.session, session)
      assert.isNull(decision.event)
    }
  })

  it("is one revision further, names the fields that changed, and never goes back in time", () => {
    const decision = Result.getOrThrow(update(session, { metadata: { tier: "gold" } }, after(-5)))
    assert.strictEqual(decision.session.revision, 2)
    assert.deepStrictEqual(decision.session.updatedAt, session.updatedAt)
    assert.deepStrictEqual(decision.event, { type: "session.updated", changed: ["metadata"] })
  })

  it("is refused when the merged map would be too large, with the path in the input's names", () => {
    const full = make({ metadata: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, index])) })
    const refused = update(full, { metadata: { one_more: 1 } }, start)
    assert.isTrue(Result.isFailure(refused) && refused.failure.issues[0]?.path.join() === "metadata")
    assert.isTrue(Result.isSuccess(update(full, { metadata: { one_more: 1, k0: null } }, start)))
  })
})

describe("a lapse", () => {
  it("makes a session expired from the very millisecond its token ends", () => {
    const session = make()
    const just = DateTime.subtractDuration(after(20), Duration.millis(1))
    assert.isFalse(hasLapsed(session, just))
    assert.strictEqual(lapse(session, just), session)
    const lapsed = lapse(session, after(20))
    assert.strictEqual(lapsed.status, "expired")
    assert.strictEqual(lapsed.revision, 2)
    assert.deepStrictEqual(lapsed.updatedAt, after(20))
  })

  it("says the same whenever it is asked, and never lapses twice", () => {
    const session = make()
    assert.deepStrictEqual(lapse(session, after(20)), lapse(session, after(500)))
    const lapsed = lapse(session, after(20))
    assert.strictEqual(lapse(lapsed, after(500)), lapsed)
  })

  it("leaves a session alone that is no longer waiting for the person", () => {
    const session: Session = { ...make(), status: "processing" }
    assert.strictEqual(lapse(session, after(500)), session)
  })
})

describe("a redaction", () => {
  it("erases what a newer release added, which may be personal", () => {
    const session = { ...make(), fullName: "canary" } as Session
    assert.notInclude(JSON.stringify(redact(session, after(1))), "canary")
  })

  const session: Session = {
    ...make({
      metadata: { name: "Ada" },
      externalRef: "ada@example.com",
      tags: ["vip"],
      redirectUrl: "https://a.example/ada"
    }),
    consentIp: "192.0.2.1",
    documentType: "passport"
  }

  it("erases what is personal and keeps status, ids and times", () => {
    const { event, extra, session: redacted } = redact(session, after(1))
    assert.deepStrictEqual(
      [
        redacted.metadata,
        redacted.externalRef,
        redacted.consentIp,
        redacted.documentType,
        redacted.tags,
        redacted.redirectUrl
      ],
      [{}, null, null, null, [], null]
    )
    assert.strictEqual(redacted.retentionStatus, "redacted")
    assert.deepStrictEqual(
      [redacted.id, redacted.status, redacted.createdAt],
      [session.id, session.status, session.createdAt]
    )
    assert.strictEqual(event?.type, "session.redacted")
    assert.isFalse(extra.alreadyRedacted)
  })

  it("done again changes nothing and says so", () => {
    const once = redact(session, after(1)).session
    const again = redact(once, after(2))
    assert.strictEqual(again.session, once)
    assert.isNull(again.event)
    assert.isTrue(again.extra.alreadyRedacted)
  })
})

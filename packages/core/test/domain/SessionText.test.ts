import { assert, describe, it } from "@effect/vitest"
import { DateTime, Exit, Schema } from "effect"
import { inspect } from "node:util"
import type { EnvironmentId, SessionId } from "../../src/domain/Ids.ts"
import { Session } from "../../src/domain/Session.ts"
import { sessionText } from "../../src/domain/SessionText.ts"
import { makeSession } from "../StoreFixtures.ts"

const json = Schema.toCodecJson(Session)
const decode = Schema.decodeUnknownExit(json)
const encode = Schema.encodeUnknownExit(json)

const attempt = <A>(work: () => A): Exit.Exit<A, unknown> => {
  try {
    return Exit.succeed(work())
  } catch (error) {
    return Exit.fail(error)
  }
}

const whole: Session = {
  ...makeSession(1),
  id: "ses_01k9zzzzzzzzzzzzzzzzzzzzzz" as SessionId,
  environment: "env_01k9zzzzzzzzzzzzzzzzzzzzzz" as EnvironmentId,
  metadata: { tier: "gold", nested: { list: [1, null, { deep: true }] } },
  tags: ["one"],
  checks: ["document"]
}
const encoded = Schema.encodeSync(json)(whole) as Record<string, unknown>
const fields = Object.keys(Session.fields)

/** One of each kind that a text can hold, and what is nearly right. */
const values = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 60,
  "",
  "x",
  "pending",
  "redacted",
  "passport",
  "approved",
  whole.id,
  `${whole.id}x`,
  whole.environment,
  "2026-11-22T10:00:00.000Z",
  "2026-11-22T10:00:00",
  "2026-13-22T10:00:00.000Z",
  "tomorrow",
  [],
  ["x"],
  [1],
  [null],
  {},
  { key: [{}] },
  { generation: 1, keyVersion: "00000000" },
  { generation: 1.5, keyVersion: "00000000" },
  { generation: 1, keyVersion: null },
  { generation: 1 }
]

/** What only a program can hold. Of what the metadata may hold the schema is less strict: it takes a `Date` for an object. */
const notJson = [Number.NaN, 1n, () => 1, DateTime.makeUnsafe(0), Symbol("x")]

describe("the text of a session", () => {
  it.prop("is what its schema writes, and is read as its schema reads it", [Session], ([session]) => {
    const text = sessionText.write(session)
    assert.deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(Schema.encodeSync(json)(session))))
    assert.deepStrictEqual(sessionText.read(text), Schema.decodeUnknownSync(json)(JSON.parse(text)))
  })

  it.each(fields)("is taken and refused as its schema does, whatever it holds in the field %s", (field) => {
    for (const value of values) {
      const changed = { ...encoded, [field]: value }
      const read = attempt(() => sessionText.read(JSON.stringify(changed)))
      const expected = decode(changed)
      assert.strictEqual(Exit.isSuccess(read), Exit.isSuccess(expected), JSON.stringify(value))
      if (Exit.isSuccess(read) && Exit.isSuccess(expected)) assert.deepStrictEqual(read.value, expected.value)
    }
  })

  it.each(["", "null", "[]", '"x"', "{", "{}"])("is not %s", (text) => {
    assert.throws(() => sessionText.read(text), "The stored session cannot be read")
  })

  it("keeps the fields of a newer release", () => {
    const read = sessionText.read(JSON.stringify({ ...encoded, colour: "blue" }))
    assert.strictEqual(JSON.parse(sessionText.write({ ...read, revision: 2 })).colour, "blue")
  })
})

describe("a session", () => {
  it.each(fields)("is written and refused as its schema does, whatever it holds in the field %s", (field) => {
    for (const value of field === "metadata" ? values : [...values, ...notJson]) {
      const changed = { ...whole, [field]: value } as Session
      const written = attempt(() => sessionText.write(changed))
      assert.strictEqual(Exit.isSuccess(written), Exit.isSuccess(encode(changed)), inspect(value))
    }
  })

  it.each([
    () => 1,
    undefined,
    Number.POSITIVE_INFINITY,
    1n,
    new Map(),
    new Date(0),
    { inner: [() => 1] },
    { [Symbol("x")]: 1 }
  ])("is not written when its metadata holds what JSON does not: %s", (value) => {
    const broken = { ...whole, metadata: { fine: 1, value } as never }
    assert.throws(() => sessionText.write(broken), "The stored session cannot be written")
  })
})

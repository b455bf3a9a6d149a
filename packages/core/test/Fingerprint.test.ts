/** What makes a retry the same request (contract §6), as properties of any request. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Result } from "effect"
import { format, IdempotencyKey } from "../src/domain/Idempotency.ts"
import { SessionId } from "../src/domain/Ids.ts"
import { canonical } from "../src/domain/Json.ts"
import type { Json, JsonObject } from "../src/domain/Json.ts"
import { MetadataPatch } from "../src/domain/Metadata.ts"
import { fingerprint, requestText } from "../src/Fingerprint.ts"
import { Keyring } from "../src/Keyring.ts"
import { updateSession } from "../src/operations/UpdateSession.ts"

const keyringOf = (secret: string, ...previous: ReadonlyArray<string>) =>
  Effect.runSync(
    Effect.scoped(
      Effect.map(
        Layer.build(
          Keyring.layer({ secret: Redacted.make(secret), previous: previous.map((one) => Redacted.make(one)) })
        ),
        (context) => Context.get(context, Keyring)
      )
    )
  )

const old = "the first secret of these tests, 32 bytes"
const keyring = keyringOf(old)

const print = (input: unknown, target: SessionId | null = null, operation = "updateSession") =>
  fingerprint(keyring, requestText({ operation, target, input: input as Json }))

/** The input as the operation understands it. */
const understood = (input: unknown) => Result.getOrThrow(updateSession.decode(input))

const reversed = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value as JsonObject)
            .toReversed()
            .map(([key, member]) => [key, reversed(member)])
        )
      : value

describe("the text of a request", () => {
  it.prop("is its RFC 8785 form, with the format's number", [MetadataPatch, SessionId], ([metadata, id]) => {
    for (const target of [id, null]) {
      const request = { operation: 'of "any" name', target, input: { metadata, externalRef: null } }
      assert.strictEqual(requestText(request), canonical({ ...request, format }))
    }
  })
})

describe("two requests are the same", () => {
  it.prop("whatever the order of their keys, at any depth", [MetadataPatch, SessionId], ([metadata, target]) => {
    assert.strictEqual(print({ metadata: reversed(metadata) }, target), print({ metadata }, target))
  })

  it.prop("after a journey through JSON text", [MetadataPatch], ([metadata]) => {
    const sent = understood({ metadata: JSON.parse(JSON.stringify(metadata)) as unknown })
    assert.strictEqual(print(sent), print(understood({ metadata })))
  })

  it("when one writes −0 for 0, 1.0 for 1, or says that it expects no revision", () => {
    assert.strictEqual(
      print(understood({ metadata: { a: -0, b: [-0] } })),
      print(understood({ metadata: { a: 0, b: [0] } }))
    )
    assert.strictEqual(print(JSON.parse('{"metadata":{"a":1.0,"b":1e2}}')), print({ metadata: { a: 1, b: 100 } }))
    assert.strictEqual(print(understood({ expectedRevision: null })), print(understood({})))
    assert.strictEqual(print(understood({ externalRef: undefined })), print(understood({})))
  })
})

describe("two requests are different", () => {
  it.prop("when they are about different sessions", [SessionId, SessionId], ([a, b]) => {
    if (a !== b) assert.notStrictEqual(print({}, a), print({}, b))
  })

  it.prop("when any key is added, removed or set to null", [MetadataPatch], ([metadata]) => {
    const without = Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== "added"))
    const prints = [without, { ...without, added: 1 }, { ...without, added: null }, { ...without, added: [1] }].map(
      (one) => print({ metadata: one })
    )
    assert.strictEqual(new Set(prints).size, 4)
  })

  it("when one says absent, another null, another empty", () => {
    const inputs = [{}, { externalRef: null }, { externalRef: "" }, { metadata: {} }, { expectedRevision: 1 }]
    assert.strictEqual(new Set(inputs.map((input) => print(understood(input)))).size, inputs.length)
  })

  it("when they ask for different operations", () => {
    const operations = ["updateSession", "redactSession", "createSession"]
    assert.strictEqual(new Set(operations.map((operation) => print({}, null, operation))).size, 3)
  })

  it("when their text is written differently, even if it looks the same", () => {
    assert.notStrictEqual(print({ metadata: { name: "é" } }), print({ metadata: { name: "e\u0301" } }))
  })
})

describe("a fingerprint", () => {
  it.prop("says nothing about the request", [IdempotencyKey], ([secret]) => {
    assert.match(print({ metadata: { secret } }) ?? "", /^[\w-]{43}$/)
  })

  it("of another secret is another, and is found again by its version for as long as that secret is on the ring", () => {
    const text = requestText({ operation: "updateSession", target: null, input: {} })
    const rotated = keyringOf("the second secret of these tests, 32 bytes", old)
    assert.notStrictEqual(fingerprint(rotated, text), fingerprint(keyring, text))
    assert.strictEqual(fingerprint(rotated, text, keyring.current), fingerprint(keyring, text))
    assert.isUndefined(fingerprint(keyring, text, rotated.current))
  })
})

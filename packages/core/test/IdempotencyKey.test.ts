import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { parseHeader, parseKey } from "../src/domain/Idempotency.ts"

const read = (header: string) => Result.getOrElse(parseHeader(header), () => "refused")

describe("an Idempotency-Key header", () => {
  it("is taken bare, as Stripe's clients send it, and quoted, as the IETF draft has it", () => {
    assert.strictEqual(read("order-7"), "order-7")
    assert.strictEqual(read('"order-7"'), "order-7")
    assert.strictEqual(read('""order-7""'), '"order-7"')
    assert.strictEqual(read('"'), '"')
  })

  it("holds 1 to 255 visible ASCII characters and nothing else", () => {
    assert.strictEqual(read("!~".repeat(127)), "!~".repeat(127))
    assert.strictEqual(read("k".repeat(255)), "k".repeat(255))
    for (const bad of ["", '""', "k".repeat(256), "a b", "a\tb", "é", "a, b", "\u007f", "👍"]) {
      assert.strictEqual(read(bad), "refused", bad)
    }
  })

  it("says what a key may be without repeating what was sent", () => {
    const refused = parseKey("my secret key")
    assert.isTrue(Result.isFailure(refused))
    assert.notInclude(JSON.stringify(refused), "secret")
  })
})

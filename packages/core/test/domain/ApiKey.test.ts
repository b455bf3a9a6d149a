import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { formatKey, parseApiKey } from "../../src/domain/ApiKey.ts"
import { ApiKeyId } from "../../src/domain/Ids.ts"
import { EnvironmentKind } from "../../src/domain/Tenant.ts"

const Random = Schema.Uint8Array.check(Schema.makeFilter((bytes) => bytes.length <= 32))
const padded = (bytes: Uint8Array) => Uint8Array.from({ length: 32 }, (_, index) => bytes[index] ?? 0)

describe("the text of an API key", () => {
  it.prop("reads back as the key it was made for", [ApiKeyId, EnvironmentKind, Random], ([id, kind, random]) => {
    const text = formatKey({ id, kind }, padded(random))
    const parsed = parseApiKey(text)
    assert.strictEqual(parsed?.id, id)
    assert.strictEqual(parsed?.kind, kind)
    assert.match(text, /^vk_(live|sandbox)_[0-9a-z]{26}_[0-9A-Za-z]{49}$/)
  })

  it.prop("tells any single wrong character from the key, without a look-up", [ApiKeyId, Random], ([id, random]) => {
    const text = formatKey({ id, kind: "live" }, padded(random))
    for (let index = 0; index < text.length; index++) {
      const wrong = text[index] === "7" ? "8" : "7"
      assert.isUndefined(parseApiKey(text.slice(0, index) + wrong + text.slice(index + 1)))
    }
  })

  it("keeps different secrets apart and never shortens one", () => {
    const id = "key_01k9zzzzzzzzzzzzzzzzzzzzzz" as ApiKeyId
    const low = formatKey({ id, kind: "sandbox" }, new Uint8Array(32))
    const high = formatKey({ id, kind: "sandbox" }, new Uint8Array(32).fill(255))
    assert.strictEqual(low.length, high.length)
    assert.notStrictEqual(parseApiKey(low)?.secret, parseApiKey(high)?.secret)
  })

  it.each(["", "vk_live_", "sk_live_123", "vk_live_x_y", "\u0000", "vk_live_".repeat(10_000)])(
    "%j is no key",
    (text) => {
      assert.isUndefined(parseApiKey(text))
    }
  )
})

import { assert, describe, it } from "@effect/vitest"
import { charactersOfEach, DocumentCache } from "../../src/plugins/DocumentCache.ts"

describe("the cache of documents", () => {
  it("keeps what is asked for, and forgets the rest", () => {
    const cache = new DocumentCache<number>(1_000)
    for (let n = 0; n < 100; n++) {
      cache.set(String(n), n)
      assert.strictEqual(cache.get("0"), 0)
    }
    assert.strictEqual(cache.get("99"), 99)
    assert.isUndefined(cache.get("1"))
  })

  it("never holds more characters than it may, whatever their number", () => {
    for (const length of [3, 50, 100, 250, 400]) {
      const cache = new DocumentCache<number>(1_000)
      const texts = Array.from({ length: 100 }, (_, n) => String(n).padStart(length, "x"))
      for (const [n, text] of texts.entries()) cache.set(text, n)
      const held = texts.filter((text) => cache.get(text) !== undefined)
      assert.isAtLeast(held.length, 1)
      assert.isAtMost(held.length * (charactersOfEach + length), 1_000)
    }
  })

  it("never holds one that is longer than half of it, and forgets nothing for it", () => {
    const cache = new DocumentCache<number>(1_000)
    cache.set("small", 1)
    cache.set("x".repeat(500), 2)
    assert.isUndefined(cache.get("x".repeat(500)))
    assert.strictEqual(cache.get("small"), 1)
  })

  it("counts a document that is set twice once", () => {
    const cache = new DocumentCache<number>(1_000)
    for (let n = 0; n < 100; n++) cache.set("abcde", n)
    cache.set("fghij", 1)
    assert.strictEqual(cache.get("abcde"), 0)
    assert.strictEqual(cache.get("fghij"), 1)
  })
})

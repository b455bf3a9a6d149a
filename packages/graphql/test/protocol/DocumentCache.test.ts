import { assert, describe, it } from "@effect/vitest"
import { DocumentCache } from "../../src/plugins/DocumentCache.ts"

describe("the cache of documents", () => {
  it("holds as many as fit, whatever their number", () => {
    const cache = new DocumentCache<number>(10)
    for (let n = 0; n < 10; n++) cache.set(String(n), n)
    assert.strictEqual(cache.get("0"), 0)
    cache.set("x".repeat(9), 99)
    assert.strictEqual(cache.get("x".repeat(9)), 99)
    // Beside it there is room for one: the one that was asked for last.
    assert.strictEqual(cache.get("0"), 0)
    assert.isUndefined(cache.get("9"))
  })

  it("never holds one that is larger than all of it, and forgets nothing for it", () => {
    const cache = new DocumentCache<number>(10)
    cache.set("small", 1)
    cache.set("x".repeat(11), 2)
    assert.isUndefined(cache.get("x".repeat(11)))
    assert.strictEqual(cache.get("small"), 1)
  })

  it("counts a document that is set twice once", () => {
    const cache = new DocumentCache<number>(10)
    for (let n = 0; n < 100; n++) cache.set("abcde", n)
    cache.set("fghij", 1)
    assert.strictEqual(cache.get("abcde"), 0)
    assert.strictEqual(cache.get("fghij"), 1)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { remember } from "../../src/Remember.ts"

describe("a function that remembers its answers", () => {
  it("is asked once for each text, also where the answer is no", () => {
    const asked: Array<string> = []
    const isLong = remember((text) => {
      asked.push(text)
      return text.length > 3 ? text.length : null
    })
    assert.deepStrictEqual([isLong("long"), isLong("no"), isLong("long"), isLong("no")], [4, null, 4, null])
    assert.deepStrictEqual(asked, ["long", "no"])
  })

  it("forgets what it knows before that is too much", () => {
    let asked = 0
    const lengthOf = remember((text) => {
      asked++
      return text.length
    })
    for (let n = 0; n <= 100; n++) lengthOf("x".repeat(n))
    assert.strictEqual(lengthOf("x"), 1)
    assert.strictEqual(asked, 102)
  })
})

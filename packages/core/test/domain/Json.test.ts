import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { canonical, snapshot, violations } from "../../src/domain/Json.ts"

describe("the canonical form (RFC 8785)", () => {
  it("prints the example of the RFC", () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
    )
    assert.strictEqual(
      canonical(value),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
  })

  it("sorts keys by UTF-16 code units, as the RFC's second example does", () => {
    const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 }
    const order = [...canonical(value).matchAll(/:(\d)/g)].map(([, digit]) => Number(digit))
    assert.deepStrictEqual(order, [2, 4, 6, 7, 1, 5, 3])
  })

  it.prop("reads back as the same value", [Schema.Json], ([value]) => {
    assert.strictEqual(canonical(JSON.parse(canonical(value)) as Schema.Json), canonical(value))
  })

  it.prop("does not depend on the order of keys", [Schema.JsonObject], ([value]) => {
    assert.strictEqual(canonical(Object.fromEntries(Object.entries(value).toReversed())), canonical(value))
  })

  it("leaves out what is undefined, keeps what is null, and tells {} from nothing", () => {
    assert.strictEqual(canonical({ a: undefined, b: null } as never), '{"b":null}')
    assert.notStrictEqual(canonical({ metadata: {} }), canonical({}))
    assert.strictEqual(canonical(-0), "0")
  })
})

describe("a JSON value", () => {
  it.prop("of any honest kind has no violations, unless its text or its depth does", [Schema.Json], ([value]) => {
    const codes = new Set(violations(value, 16_384).map(({ code }) => code))
    codes.delete("invalid_text")
    codes.delete("too_deep")
    codes.delete("forbidden_key")
    assert.deepStrictEqual([...codes], [])
  })

  const Kept = Schema.Json.check(Schema.makeFilter((value) => violations(value, 16_384).length === 0))

  it.prop("that can be kept is copied exactly", [Kept], ([value]) => {
    const copied = snapshot(value, 16_384)
    assert.strictEqual(JSON.stringify(copied), JSON.stringify(value))
    if (typeof value === "object" && value !== null) assert.notStrictEqual(copied, value)
  })

  it("hides nothing: symbols, classes and unseen properties are no JSON, and a hole in a list is none either", () => {
    const hidden = Object.defineProperty({}, "a", { value: 1, enumerable: false })
    const holes: Array<number> = []
    holes[2] = 1
    for (const value of [{ [Symbol("s")]: 1 }, hidden, new Date(0), new Map()]) {
      assert.deepStrictEqual(violations(value, 10), [{ path: [], code: "wrong_type" }])
    }
    assert.deepStrictEqual(violations(holes, 10), [
      { path: ["0"], code: "wrong_type" },
      { path: ["1"], code: "wrong_type" }
    ])
  })

  it("of more parts than it may have is refused without a look at its members", () => {
    let looks = 0
    const watched = (target: object) => new Proxy(target, { get: (object, key) => (looks++, Reflect.get(object, key)) })
    const list = watched(Array.from({ length: 500_000 }, () => 0))
    assert.deepStrictEqual(violations(list, 16_384), [{ path: [], code: "too_large" }])
    assert.strictEqual(snapshot(list, 16_384), list)
    assert.isBelow(looks, 10)
  })

  it("of more parts than it may have is not looked at any further", () => {
    const wide = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [String(index), "\u0000"]))
    const found = violations(wide, 50)
    assert.deepStrictEqual(found.at(-1), { path: [], code: "too_large" })
    assert.isAtMost(found.length, 60)
  })
})

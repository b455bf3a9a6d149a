import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { canonical, copy, equal, violations } from "../../src/domain/Json.ts"

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
    assert.isTrue(equal(JSON.parse(canonical(value)) as Schema.Json, copy(value)))
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
    const codes = new Set(violations(value).map(({ code }) => code))
    codes.delete("invalid_text")
    codes.delete("too_deep")
    codes.delete("forbidden_key")
    assert.deepStrictEqual([...codes], [])
  })

  const Kept = Schema.Json.check(Schema.makeFilter((value) => violations(value).length === 0))

  it.prop("that can be kept is copied exactly", [Kept], ([value]) => {
    assert.strictEqual(JSON.stringify(copy(value)), JSON.stringify(value))
  })
})

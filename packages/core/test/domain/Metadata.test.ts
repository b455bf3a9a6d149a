import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { canonical } from "../../src/domain/Json.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { mapViolations, maxMapBytes, merge, MetadataPatch } from "../../src/domain/Metadata.ts"
import { decodeAll } from "../../src/domain/Violation.ts"

const decode = decodeAll(Schema.Struct({ metadata: MetadataPatch }))

const broken = (metadata: unknown) => {
  const decoded = decode({ metadata })
  return Result.isFailure(decoded) ? decoded.failure.map(({ code, path }) => [path.slice(1).join("."), code]) : []
}

const equal = (a: JsonObject[string] | undefined, b: JsonObject[string] | undefined) =>
  a !== undefined && b !== undefined && canonical(a) === canonical(b)

const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)])

describe("a metadata patch", () => {
  it.each([
    ["1-byte", "a", 1],
    ["2-byte", "é", 2],
    ["3-byte", "€", 3],
    ["4-byte", "👍", 4]
  ])("takes a value of exactly 16,384 bytes in %s characters and refuses one byte more", (_, character, bytes) => {
    const room = 16_384 - 2
    const filler = "x".repeat(room % bytes)
    const fits = character.repeat(Math.floor(room / bytes)) + filler
    assert.strictEqual(new TextEncoder().encode(JSON.stringify(fits)).length, 16_384)
    assert.deepStrictEqual(broken({ note: fits }), [])
    assert.deepStrictEqual(broken({ note: `${fits}x` }), [["note", "too_large"]])
  })

  it("counts characters that JSON escapes by what they become", () => {
    assert.deepStrictEqual(broken({ quotes: '"'.repeat(8_191) }), [])
    assert.deepStrictEqual(broken({ quotes: '"'.repeat(8_192) }), [["quotes", "too_large"]])
    assert.deepStrictEqual(broken({ controls: "\u0001".repeat(2_730) }), [])
    assert.deepStrictEqual(broken({ controls: "\u0001".repeat(2_731) }), [["controls", "too_large"]])
  })

  it("nests containers 16 deep and no deeper", () => {
    assert.deepStrictEqual(broken({ deep: nest(16) }), [])
    assert.deepStrictEqual(broken({ deep: nest(17) }), [[`deep${".0".repeat(16)}`, "too_deep"]])
  })

  it("answers a hundred thousand brackets without a stack overflow", () => {
    const bomb: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000))
    assert.deepStrictEqual(
      broken({ bomb }).map(([, code]) => code),
      ["too_deep"]
    )
  })

  it("sets at most 50 keys, and may remove any number", () => {
    const keys = (count: number, value: unknown) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]))
    assert.deepStrictEqual(broken(keys(50, 1)), [])
    assert.deepStrictEqual(broken(keys(51, 1)), [["", "too_many_keys"]])
    assert.deepStrictEqual(broken(keys(1_000, null)), [])
    assert.deepStrictEqual(broken(keys(1_001, null)), [["", "too_many_keys"]])
  })

  it("counts the length of a key in code points", () => {
    assert.deepStrictEqual(broken({ ["👍".repeat(128)]: 1 }), [])
    assert.deepStrictEqual(broken({ ["👍".repeat(129)]: 1 }), [["👍".repeat(128), "too_long"]])
    assert.deepStrictEqual(broken({ "": 1 }), [["", "empty_key"]])
  })

  it("refuses what a database would mangle or an object would inherit, at any depth", () => {
    assert.deepStrictEqual(broken(JSON.parse('{"__proto__": 1, "a": {"__proto__": 2}}')), [
      ["__proto__", "forbidden_key"],
      ["a.__proto__", "forbidden_key"]
    ])
    assert.deepStrictEqual(broken({ a: "\u0000", "k\u0000": 1, b: ["\ud83d"], c: { "\udc00": 1 } }), [
      ["a", "invalid_text"],
      ["k\u0000", "invalid_text"],
      ["b.0", "invalid_text"],
      ["c.\udc00", "invalid_text"]
    ])
    assert.deepStrictEqual(broken({ constructor: 1, prototype: { toString: 2 } }), [])
  })

  it("refuses numbers that JSON cannot carry, and values that are no JSON", () => {
    assert.deepStrictEqual(broken({ a: JSON.parse("1e400"), b: [Number.NaN], c: 12345678901234567890n }), [
      ["a", "not_finite"],
      ["b.0", "not_finite"],
      ["c", "unsafe_number"]
    ])
    assert.deepStrictEqual(broken({ a: undefined, b: () => 1, c: [new Date(0)], d: new Map() }), [
      ["a", "wrong_type"],
      ["b", "wrong_type"],
      ["c.0", "wrong_type"],
      ["d", "wrong_type"]
    ])
    assert.deepStrictEqual(broken(null), [["", "wrong_type"]])
    assert.deepStrictEqual(broken([]), [["", "wrong_type"]])
  })

  it("sets no more than the whole map may hold, and is not read to its end if it does", () => {
    const values = Array.from({ length: 31 }, (_, index) => [`k${index}`, Array.from({ length: 8_000 }, () => 0)])
    assert.deepStrictEqual(broken(Object.fromEntries(values)), [["", "too_large"]])
  })

  it("lists every violation at once, and no more than an answer can hold", () => {
    assert.deepStrictEqual(broken({ "": "\u0000", a: nest(17), b: "x".repeat(20_000) }), [
      ["", "empty_key"],
      ["", "invalid_text"],
      [`a${".0".repeat(16)}`, "too_deep"],
      ["b", "too_large"]
    ])
    assert.isBelow(broken({ many: Array.from({ length: 100_000 }, () => "\u0000") }).length, 1_000)
  })

  it("never says what was rejected", () => {
    const decoded = decode({ metadata: { secret: "4111 1111 1111 1111\u0000" } })
    assert.isTrue(Result.isFailure(decoded))
    assert.notInclude(JSON.stringify(decoded), "4111")
  })
})

describe("the merge", () => {
  /** Any metadata is what a patch makes of the empty map. */
  const metadata = (patch: JsonObject) => merge({}, patch)

  it.prop(
    "replaces the keys that are sent, removes those sent as null, keeps the others",
    [MetadataPatch, MetadataPatch],
    ([made, patch]) => {
      const map = metadata(made)
      const merged = merge(map, patch)
      for (const key of new Set([...Object.keys(map), ...Object.keys(patch)])) {
        if (!Object.hasOwn(patch, key)) assert.strictEqual(merged[key], map[key])
        else if (patch[key] === null) assert.isFalse(Object.hasOwn(merged, key))
        else assert.isTrue(equal(merged[key], patch[key]))
      }
      assert.isTrue(Object.keys(merged).every((key) => Object.hasOwn(map, key) || Object.hasOwn(patch, key)))
    }
  )

  it.prop(
    "done twice is the same as done once, and then changes nothing",
    [MetadataPatch, MetadataPatch],
    ([made, patch]) => {
      const map = metadata(made)
      const once = merge(map, patch)
      assert.strictEqual(merge(once, patch), once)
    }
  )

  it.prop(
    "of patches for different keys is the same in either order",
    [MetadataPatch, MetadataPatch, MetadataPatch],
    ([made, a, b]) => {
      const map = metadata(made)
      const other = Object.fromEntries(Object.entries(b).filter(([key]) => !Object.hasOwn(a, key)))
      assert.strictEqual(canonical(merge(merge(map, a), other)), canonical(merge(merge(map, other), a)))
    }
  )

  it.prop("touches neither the map nor the patch", [MetadataPatch, MetadataPatch], ([made, patch]) => {
    const map = metadata(made)
    const before = canonical([map, patch])
    merge(map, patch)
    assert.strictEqual(canonical([map, patch]), before)
  })

  it("replaces a nested value whole and keeps the nulls inside it", () => {
    assert.deepStrictEqual(merge({ a: { b: 1, c: 2 } }, { a: { c: null } }), { a: { c: null } })
  })

  it("takes another order of keys for the same value", () => {
    const map: JsonObject = { a: { x: 1, y: [2] } }
    assert.strictEqual(merge(map, { a: { y: [2], x: 1 } }), map)
  })

  it("keeps 0 where −0 was sent", () => {
    const patch = Result.getOrThrow(decode({ metadata: { a: -0, b: [-0] } })).metadata
    const merged = merge({}, patch)
    assert.isTrue(Object.is(merged["a"], 0))
    assert.strictEqual(JSON.stringify(merged), '{"a":0,"b":[0]}')
  })

  it("is of what was checked, whatever the caller does to its object meanwhile", () => {
    const sent: { list: Array<unknown>; self?: unknown } = { list: [1] }
    const patch = Result.getOrThrow(decode({ metadata: sent })).metadata
    sent.list.push("\u0000")
    sent.self = sent
    assert.deepStrictEqual(merge({}, patch), { list: [1] })
  })

  it("removing a key that is not there changes nothing, whatever its name", () => {
    const map: JsonObject = { a: 1 }
    assert.strictEqual(merge(map, { toString: null, constructor: null, b: null }), map)
  })

  it("treats the names of Object's own members as ordinary keys", () => {
    assert.deepStrictEqual(Object.entries(merge({}, { constructor: 1, toString: 2, valueOf: 3 })), [
      ["constructor", 1],
      ["toString", 2],
      ["valueOf", 3]
    ])
  })
})

describe("the merged map", () => {
  it("holds at most 50 keys", () => {
    const map = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]))
    assert.deepStrictEqual(mapViolations(map(50)), [])
    assert.deepStrictEqual(
      mapViolations(map(51)).map(({ code }) => code),
      ["too_many_keys"]
    )
  })

  it("holds at most 262,144 bytes of JSON", () => {
    const map = (last: number) =>
      Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`key${index}`, "x".repeat(index === 19 ? last : 13_000)])
      )
    const size = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length
    const room = maxMapBytes - size(map(0))
    assert.strictEqual(size(map(room)), maxMapBytes)
    assert.deepStrictEqual(mapViolations(map(room)), [])
    assert.deepStrictEqual(
      mapViolations(map(room + 1)).map(({ code }) => code),
      ["too_large"]
    )
  })
})

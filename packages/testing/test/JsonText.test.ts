/** JSON from its text: everything that `JSON.parse` reads, and nothing that it drops or rounds. */
import { describe, it } from "@effect/vitest"
import { parseJson } from "@holdfast/core"
import { Arbitraries } from "@holdfast/testing"
import { Result } from "effect"
import { assert, vi } from "vitest"

const reads = (text: string, value: unknown) => assert.deepStrictEqual(parseJson(text), Result.succeed(value))

const refuses = (text: string, message: string) => {
  const result = parseJson(text)
  assert.isTrue(Result.isFailure(result))
  if (Result.isFailure(result)) assert.deepInclude(result.failure, { code: "malformed_request", message })
}

describe("parseJson", () => {
  it.prop("reads any JSON as JSON.parse does, however it is written", [Arbitraries.json], ([value]) => {
    reads(JSON.stringify(value), JSON.parse(JSON.stringify(value)))
    reads(JSON.stringify(value, null, "\t"), JSON.parse(JSON.stringify(value)))
  })

  it("is not misled by what stands in strings", () => {
    reads('{"a:b":":","c\\":\\"":"{\\"a\\":1,\\"a\\":2}"}', { "a:b": ":", 'c":"': '{"a":1,"a":2}' })
    reads('["\\\\",{"\\\\":":"}]', ["\\", { "\\": ":" }])
  })

  it("refuses a key that an object has twice, however it is spelled and however deep it stands", () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":2}',
      '[[{"b":{"a":1,"b":2,"a":3}}]]',
      '{"":0,"":0}',
      '{"__proto__":1,"__proto__":2}',
      '{"1":1,"1":2}'
    ]) {
      refuses(text, "An object in the body names a key twice")
    }
    reads('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}', { a: { a: { a: 1 } }, b: [{ a: 1 }, { a: 1 }] })
  })

  it("marks an integer that a double cannot hold, and no other number", () => {
    reads("[9007199254740992,-9007199254740993,123456789012345678901]", [0n, 0n, 0n])
    const exact = '[9007199254740991,-9007199254740991,1e20,9007199254740993.5,1E400,-0,"9007199254740993"]'
    reads(exact, [9007199254740991, -9007199254740991, 1e20, 9007199254740994, Infinity, -0, "9007199254740993"])
  })

  it("marks it in the place where it stands, whatever the keys and the places before it are", () => {
    reads('{"a,[":[{},"]",[1,2],{"\\u0062\\"":[0 , 9007199254740993]}]}', {
      "a,[": [{}, "]", [1, 2], { 'b"': [0, 0n] }]
    })
    const own = Result.getOrThrow(parseJson('{"2":9007199254740993,"__proto__":{"a":9007199254740993}}')) as object
    assert.deepStrictEqual(Object.entries(own), [
      ["2", 0n],
      ["__proto__", { a: 0n }]
    ])
    reads("9007199254740993", 0n)
  })

  it("parses a large body once, and only the keys that lead to such an integer again", () => {
    const parse = vi.spyOn(JSON, "parse")
    const scalars = "0,".repeat(400_000)
    parseJson(`{"a":{"b":[${scalars}9007199254740993,9007199254740995]},"c":[${scalars}0]}`)
    assert.isAtMost(parse.mock.calls.length, 3)
    assert.isTrue(parse.mock.calls.every((call) => call.length === 1))
    parse.mockRestore()
  })

  it("marks no more of them than anybody reads", () => {
    const many = Result.getOrThrow(parseJson(`[${"9007199254740993,".repeat(50_000)}0]`)) as ReadonlyArray<unknown>
    assert.lengthOf(
      many.filter((value) => value === 0n),
      200
    )
  })

  it("survives nesting as deep as a body can be", () => {
    const depth = 500_000
    assert.isTrue(Result.isSuccess(parseJson("[".repeat(depth) + "12345678901234567890" + "]".repeat(depth))))
  })

  it("refuses what is no JSON, and never repeats it", () => {
    for (const text of ["", " ", "{", "secret", "{'a':1}", "[1,]", "\u0000", "01", "NaN"]) {
      refuses(text, "The body is not valid JSON")
    }
  })
})

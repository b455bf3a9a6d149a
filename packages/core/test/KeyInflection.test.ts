import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { KeyInflection } from "../src/domain/ApiKey.ts"
import { Session } from "../src/domain/Session.ts"
import { inflect, parseInflection } from "../src/KeyInflection.ts"

describe("key inflection", () => {
  it("writes a field name in each casing", () => {
    assert.deepStrictEqual(
      KeyInflection.literals.map((inflection) => inflect("tokenExpiresAt", inflection)),
      ["token_expires_at", "tokenExpiresAt", "token-expires-at"]
    )
  })

  it("finds the way back from every casing to every other, for every field of a session", () => {
    for (const name of Object.keys(Session.fields)) {
      for (const from of KeyInflection.literals) {
        for (const to of KeyInflection.literals) {
          assert.strictEqual(inflect(inflect(name, from), to), inflect(name, to))
        }
      }
    }
  })

  it("is one of three; anything else is refused", () => {
    assert.deepStrictEqual(parseInflection("kebab"), Result.succeed("kebab"))
    for (const bad of ["", "Snake", "pascal", "snake,camel"]) assert.isTrue(Result.isFailure(parseInflection(bad)), bad)
  })
})

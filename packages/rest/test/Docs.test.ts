/** The documentation page: there, whole, and kept from loading anything from elsewhere. */
import { describe } from "@effect/vitest"
import { Effect } from "effect"
import { assert } from "vitest"
import { makeWorld, test } from "./support.ts"

describe("/docs", () => {
  test("is a page that needs nothing from outside, and may load nothing from there", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeWorld()
      const { headers, status, text } = yield* ask("GET", "/docs")
      assert.strictEqual(status, 200)
      assert.match(headers.get("content-type") ?? "", /^text\/html/)
      assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none';.* connect-src 'self';/)
      assert.notMatch(text, /<script[^>]* src=/)
      assert.include(text, "sessions.update")
      assert.include(text, '"hideClientButton":true,"showDeveloperTools":"never"')
    }))

  test("is not there where it is not wanted", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeWorld({ docs: false })
      assert.strictEqual((yield* ask("GET", "/docs")).status, 404)
      assert.strictEqual((yield* ask("GET", "/openapi.json")).status, 200)
    }))
})

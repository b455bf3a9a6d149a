/** Entity tags: what `ETag` says, and what `If-Match` and `If-None-Match` do with it (RFC 9110, 13.1). */
import { describe } from "@effect/vitest"
import { provision } from "@holdfast/testing"
import { Effect } from "effect"
import { assert } from "vitest"
import { asking, makeWorld, test } from "./support.ts"

describe("ETag", () => {
  test("is the revision, and another one in another shape", () =>
    Effect.gen(function* () {
      const { ask, patch, session } = yield* makeWorld()
      assert.strictEqual((yield* patch({ metadata: { a: 1 } })).headers.get("etag"), '"2"')
      const shapes = {
        '"2-camel"': { "key-inflection": "camel" },
        '"2-2026-01-01"': { "verifa-version": "2026-01-01" },
        '"2-2026-01-01-kebab"': { "key-inflection": "kebab", "verifa-version": "2026-01-01" }
      }
      for (const [tag, headers] of Object.entries(shapes)) {
        assert.strictEqual((yield* ask("GET", `/sessions/${session.id}`, { headers })).headers.get("etag"), tag)
      }
    }))
})

describe("If-Match on an update", () => {
  const allowed = ['"1"', "*", '"7", "1"', '"1","7"', ', ,"a,b" , "1-camel",']
  for (const header of allowed) {
    test(`${header} allows revision 1`, () =>
      Effect.gen(function* () {
        const { patch } = yield* makeWorld()
        const { body, status } = yield* patch({ metadata: { a: 1 } }, { "if-match": header })
        assert.strictEqual(status, 200)
        assert.strictEqual(body["revision"], 2)
      }))
  }

  const refused = [
    '"2"',
    '"1-bogus"',
    '"1-"',
    '"1-camel-2026-01-01"',
    'W/"1"',
    '"2", W/"1"',
    '"one"',
    '""',
    '"01"',
    '"1e0"',
    '"99999999999999999999"'
  ]
  for (const header of refused) {
    test(`${header} does not allow revision 1`, () =>
      Effect.gen(function* () {
        const { patch, session } = yield* makeWorld()
        const { body, status } = yield* patch({ metadata: { a: 1 } }, { "if-match": header })
        assert.strictEqual(status, 412)
        assert.deepInclude(body, {
          error: "revision_mismatch",
          detail: "The session is at revision 1",
          status_code: 412
        })
        assert.deepStrictEqual((yield* patch({})).body, session)
      }))
  }

  const malformed = ["1", '"1', '"1" "2"', '"1"; "2"', "W/1", ",", '"1", *', '"1",'.repeat(17)]
  for (const header of malformed) {
    test(`${header.slice(0, 20)} is no list of entity tags`, () =>
      Effect.gen(function* () {
        const { patch } = yield* makeWorld()
        const { body, status } = yield* patch({ metadata: { a: 1 } }, { "if-match": header })
        assert.strictEqual(status, 400)
        assert.strictEqual(body["error"], "malformed_request")
      }))
  }

  test("a retry with a list replays the outcome that the first try found", () =>
    Effect.gen(function* () {
      const { patch } = yield* makeWorld()
      const headers = { "if-match": '"9", "1", "4"', "idempotency-key": "k" }
      const first = yield* patch({ metadata: { a: 1 } }, headers)
      const again = yield* patch({ metadata: { a: 1 } }, headers)
      assert.deepStrictEqual(again.body, first.body)
      assert.strictEqual(again.headers.get("idempotent-replayed"), "true")
    }))

  test("what was never there is 404 and what is redacted 422, whatever the header says", () =>
    Effect.gen(function* () {
      const { ask, patch, session } = yield* makeWorld()
      const headers = { "if-match": '"7"' }
      const absent = yield* ask("PATCH", "/sessions/ses_00000000000000000000000000", { body: {}, headers })
      assert.strictEqual(absent.status, 404)
      yield* ask("DELETE", `/sessions/${session.id}/data`)
      assert.strictEqual((yield* patch({}, headers)).body["error"], "session_redacted")
    }))

  test("needs no right to read", () =>
    Effect.gen(function* () {
      const { session, url } = yield* makeWorld()
      const writer = asking(url, (yield* provision({ scopes: ["sessions:write"] })).secret)
      const stale = yield* writer("PATCH", `/sessions/${session.id}`, {
        body: { metadata: { a: 1 } },
        headers: { "if-match": '"2", "3"' }
      })
      assert.strictEqual(stale.status, 412)
    }))
})

describe("conditions on other changes", () => {
  test("a redaction takes If-Match as an update does", () =>
    Effect.gen(function* () {
      const { ask, session } = yield* makeWorld()
      const redact = (tag: string) => ask("DELETE", `/sessions/${session.id}/data`, { headers: { "if-match": tag } })
      const stale = yield* redact('"2", "3"')
      assert.strictEqual(stale.status, 412)
      assert.deepInclude(stale.body, { error: "revision_mismatch", detail: "The session is at revision 1" })
      assert.deepStrictEqual((yield* ask("GET", `/sessions/${session.id}`)).body, session)
      assert.strictEqual((yield* redact("1")).status, 400)
      assert.strictEqual((yield* redact('"2", "1"')).body["status"], "deleted")
    }))

  test("If-None-Match: * allows no session that is there", () =>
    Effect.gen(function* () {
      const { ask, patch, session } = yield* makeWorld()
      const headers = { "if-none-match": " * " }
      assert.strictEqual((yield* patch({ metadata: { a: 1 } }, headers)).status, 412)
      assert.strictEqual((yield* patch({}, { ...headers, "if-match": '"1"' })).status, 412)
      assert.strictEqual((yield* ask("DELETE", `/sessions/${session.id}/data`, { headers })).status, 412)
      const absent = yield* ask("PATCH", "/sessions/ses_00000000000000000000000000", { body: {}, headers })
      assert.strictEqual(absent.status, 404)
      assert.deepStrictEqual((yield* patch({})).body, session)
    }))
})

describe("conditions on a read", () => {
  test("If-None-Match answers 304 without a body where the client has this shape of this revision", () =>
    Effect.gen(function* () {
      const { ask, session } = yield* makeWorld()
      const get = (headers: Record<string, string>) => ask("GET", `/sessions/${session.id}`, { headers })
      for (const header of ['"1"', 'W/"1"', '"7", "1"', "*"]) {
        const { headers, status, text } = yield* get({ "if-none-match": header })
        assert.deepStrictEqual([status, text, headers.get("etag")], [304, "", '"1"'])
      }
      for (const header of ['"2"', '"1-camel"', '"11"']) {
        assert.strictEqual((yield* get({ "if-none-match": header })).status, 200)
      }
      assert.strictEqual((yield* get({ "if-none-match": '"1"', "key-inflection": "camel" })).status, 200)
      assert.strictEqual((yield* get({ "if-none-match": "1" })).status, 400)
    }))

  test("If-Match answers 412 for another revision", () =>
    Effect.gen(function* () {
      const { ask, session } = yield* makeWorld()
      const get = (tag: string) => ask("GET", `/sessions/${session.id}`, { headers: { "if-match": tag } })
      assert.strictEqual((yield* get('"1"')).status, 200)
      assert.strictEqual((yield* get('"2"')).status, 412)
    }))
})

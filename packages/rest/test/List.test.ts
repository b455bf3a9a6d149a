/** `GET /api/v1/sessions`: filters, and pages by number. */
import { describe } from "@effect/vitest"
import { layerSqlite } from "@holdfast/core/sqlite"
import { layerOver, layerTest, provision } from "@holdfast/testing"
import type { Services } from "@holdfast/testing"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { assert } from "vitest"
import { asking, makeWorld, testOver } from "./support.ts"
import type { Ask } from "./support.ts"

/** Five sessions, a minute apart from 01:00 on, the oldest first. */
const five = Effect.gen(function* () {
  const { ask } = yield* makeWorld()
  const ids: Array<string> = []
  yield* TestClock.adjust("1 hour")
  for (const n of [1, 2, 3, 4, 5]) {
    const { body } = yield* ask("POST", "/sessions", {
      body: { external_ref: n % 2 === 0 ? "even" : "odd", tags: n > 3 ? ["late", `n${n}`] : [] }
    })
    ids.push(String(body["id"]))
    yield* TestClock.adjust("1 minute")
  }
  return { ask, ids }
})

const list = (ask: Ask, query: string) => ask("GET", `/sessions?${query}`)

const found = (ask: Ask, query: string) =>
  Effect.map(list(ask, query), ({ body }) =>
    (body["data"] as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id)
  )

const engines: ReadonlyArray<readonly [name: string, layer: Layer.Layer<Services>]> = [
  ["memory", layerTest],
  ["SQLite", layerOver(Layer.orDie(layerSqlite({ filename: ":memory:" })))]
]

describe.each(engines)("GET /api/v1/sessions, over %s", (_, layer) => {
  const test = testOver(layer)

  test("lists whole sessions, newest first, with the total of the whole list", () =>
    Effect.gen(function* () {
      const { ask, ids } = yield* five
      const { body, status } = yield* list(ask, "external_ref=odd&limit=2")
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(body["pagination"], { total: 3, limit: 2, offset: 0 })
      const [first] = body["data"] as ReadonlyArray<unknown>
      assert.deepStrictEqual(first, (yield* ask("GET", `/sessions/${ids[4]}`)).body)
      assert.deepStrictEqual(yield* found(ask, "external_ref=odd&limit=2&offset=1"), [ids[2], ids[0]])
    }))

  test("a page has 50 sessions unless asked otherwise, and an offset beyond the end leaves the total", () =>
    Effect.gen(function* () {
      const { ask } = yield* five
      assert.deepStrictEqual((yield* list(ask, "")).body["pagination"], { total: 6, limit: 50, offset: 0 })
      const beyond = yield* list(ask, "offset=100")
      assert.deepStrictEqual(beyond.body, { data: [], pagination: { total: 6, limit: 50, offset: 100 } })
    }))

  test("filters by status as it is now, by tag, by id or reference, and by time", () =>
    Effect.gen(function* () {
      const { ask, ids } = yield* five
      const newest = ids.toReversed()
      assert.deepStrictEqual(yield* found(ask, "status=pending"), newest)
      assert.lengthOf(yield* found(ask, "status=expired"), 1)
      assert.deepStrictEqual(yield* found(ask, "tag=late"), newest.slice(0, 2))
      assert.deepStrictEqual(yield* found(ask, "tag=lat"), [])
      assert.deepStrictEqual(yield* found(ask, `q=${ids[1]}`), [ids[1]])
      assert.deepStrictEqual(yield* found(ask, "q=even"), [ids[3], ids[1]])
      assert.deepStrictEqual(yield* found(ask, "q=even&tag=n4"), [ids[3]])
      assert.deepStrictEqual(
        yield* found(ask, "created_after=1970-01-01T01:01:00Z&created-before=1970-01-01T02:04:00%2B01:00"),
        [ids[3], ids[2]]
      )
      yield* TestClock.adjust("20 minutes")
      assert.lengthOf(yield* found(ask, "status=expired"), 6)
    }))

  test("an empty external reference is one", () =>
    Effect.gen(function* () {
      const { ask } = yield* five
      const { body } = yield* ask("POST", "/sessions", { body: { external_ref: "" } })
      assert.deepStrictEqual(yield* found(ask, "externalRef="), [body["id"]])
    }))

  test("everything wrong is said at once, in the names that were sent, after the scope", () =>
    Effect.gen(function* () {
      const { ask } = yield* five
      const query = "limit=101&offset=all&status=done&createdAfter=2026-11-22&stauts=pending"
      const { body, status } = yield* list(ask, query)
      assert.strictEqual(status, 422)
      assert.sameDeepMembers(
        (body["errors"] as ReadonlyArray<{ path: unknown; code: unknown }>).map(({ code, path }) => [path, code]),
        [
          [["limit"], "unknown_value"],
          [["offset"], "unknown_value"],
          [["status"], "unknown_value"],
          [["createdAfter"], "unknown_value"],
          [["stauts"], "immutable_field"]
        ]
      )
      for (const limit of ["", "0", "-1", "1.5", "1e1", "abc", " 5", "9999999999999", "9".repeat(400)]) {
        assert.strictEqual((yield* list(ask, `limit=${limit}`)).status, 422)
      }
      const { url } = yield* makeWorld()
      const writer = asking(url, (yield* provision({ scopes: ["sessions:write"] })).secret)
      assert.strictEqual((yield* list(writer, query)).body["error"], "insufficient_scope")
    }))

  test("another tenant's sessions are not there", () =>
    Effect.gen(function* () {
      const { ids } = yield* five
      const { url } = yield* makeWorld()
      const neighbour = asking(url, (yield* provision({ organization: "globex" })).secret)
      const { body } = yield* list(neighbour, `q=${ids[0]}`)
      assert.deepStrictEqual(body, { data: [], pagination: { total: 0, limit: 50, offset: 0 } })
    }))
})

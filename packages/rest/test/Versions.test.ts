/**
 * API versions (contract §7), proved with versions that exist only here. In 2025 a session had a `reference`, and until 2027 the
 * metadata was called `properties`.
 */
import { describe } from "@effect/vitest"
import { Authenticator, makeApiVersions } from "@holdfast/core"
import type { ApiKeyId, Credentials, JsonObject } from "@holdfast/core"
import { layerTest, provision } from "@holdfast/testing"
import { Effect, Layer } from "effect"
import { assert } from "vitest"
import { asking, makeWorld, testOver } from "./support.ts"

const rename =
  (from: string, to: string) =>
  (_: string, { [from]: value, ...rest }: JsonObject): JsonObject =>
    value === undefined ? rest : { ...rest, [to]: value }

const versions = makeApiVersions([
  { date: "2024-01-01", state: { _tag: "retired" }, summary: "Long ago." },
  {
    date: "2025-01-01",
    state: { _tag: "deprecated", since: "2026-01-01", sunset: "2027-06-30" },
    summary: "A session has a reference."
  },
  {
    date: "2026-01-01",
    state: { _tag: "active" },
    summary: "The reference is called external_ref.",
    downgrade: rename("external_ref", "reference"),
    upgrade: rename("reference", "external_ref")
  },
  {
    date: "2027-01-01",
    state: { _tag: "active" },
    summary: "Properties are called metadata.",
    downgrade: rename("metadata", "properties"),
    upgrade: rename("properties", "metadata")
  }
])

const pins = new Map<ApiKeyId, string>()

/** The library's authenticator, but that keys are pinned to versions of this table. */
const layerPinned = Layer.effect(
  Authenticator,
  Effect.map(Authenticator, (authenticator) => ({
    authenticate: (credentials: Credentials) =>
      Effect.map(authenticator.authenticate(credentials), (identity) => ({
        ...identity,
        version: (identity.apiKey && pins.get(identity.apiKey)) ?? null
      }))
  }))
).pipe(Layer.provideMerge(layerTest))

const test = testOver(layerPinned)
const world = makeWorld({ versions })

describe("Verifa-Version", () => {
  test("an answer has the shape of the version that is asked for, and says which it is", () =>
    Effect.gen(function* () {
      const { ask, session } = yield* world
      const get = (version: string) => ask("GET", `/sessions/${session.id}`, { headers: { "verifa-version": version } })
      assert.deepInclude((yield* get("2027-01-01")).body, { external_ref: "user-42", metadata: { tier: "gold" } })
      assert.deepInclude((yield* get("2026-01-01")).body, { external_ref: "user-42", properties: { tier: "gold" } })
      const oldest = yield* get("2025-01-01")
      assert.deepInclude(oldest.body, { reference: "user-42", properties: { tier: "gold" } })
      assert.doesNotHaveAnyKeys(oldest.body, ["external_ref", "metadata"])
      assert.strictEqual(oldest.headers.get("verifa-version"), "2025-01-01")
    }))

  test("an input may have the shape of its version, and its violations keep the names that were sent", () =>
    Effect.gen(function* () {
      const { patch } = yield* world
      const headers = { "verifa-version": "2025-01-01" }
      const taken = yield* patch({ reference: "old", properties: { tier: null, a: 1 } }, headers)
      assert.deepInclude(taken.body, { reference: "old", properties: { a: 1 } })
      const refused = yield* patch({ properties: 1, status: "completed" }, headers)
      assert.sameDeepMembers(
        (refused.body["errors"] as Array<{ readonly path: unknown }>).map(({ path }) => path),
        [["properties"], ["status"]]
      )
    }))

  test("a violation keeps the name that was sent where a version adds fields to any input", () =>
    Effect.gen(function* () {
      let upgrades = 0
      const adding = makeApiVersions([
        { date: "2026-01-01", state: { _tag: "active" }, summary: "There are no metadata." },
        {
          date: "2027-01-01",
          state: { _tag: "active" },
          summary: "There are, and the reference is called external_ref.",
          upgrade: (operation, input) => {
            upgrades++
            return { metadata: {}, ...rename("reference", "external_ref")(operation, input) }
          }
        }
      ])
      const { patch } = yield* makeWorld({ versions: adding })
      const headers = { "verifa-version": "2026-01-01" }
      const paths = (body: unknown) =>
        Effect.map(patch(body, headers), (answer) =>
          (answer.body["errors"] as ReadonlyArray<{ readonly path: unknown }>).map(({ path }) => path)
        )
      assert.sameDeepMembers(yield* paths({ other: 1, metadata: 1, reference: 1 }), [
        ["other"],
        ["metadata"],
        ["reference"]
      ])
      upgrades = 0
      const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`field_${index}`, 1]))
      assert.lengthOf(yield* paths({ ...many }), 100)
      assert.isAtMost(upgrades, 2)
    }))

  test("the newest version knows no older name", () =>
    Effect.gen(function* () {
      const { patch } = yield* world
      assert.deepInclude((yield* patch({ reference: "x" })).body, { error: "validation_failed" })
    }))

  test("a list has the shape of the version too", () =>
    Effect.gen(function* () {
      const { ask } = yield* world
      const { body } = yield* ask("GET", "/sessions", { headers: { "verifa-version": "2025-01-01" } })
      assert.deepInclude((body["data"] as Array<object>)[0], { reference: "user-42" })
    }))

  test("a retry in another version is the same request", () =>
    Effect.gen(function* () {
      const { patch } = yield* world
      const key = { "idempotency-key": "k" }
      yield* patch({ reference: "r" }, { ...key, "verifa-version": "2025-01-01" })
      const again = yield* patch({ external_ref: "r" }, { ...key, "verifa-version": "2027-01-01" })
      assert.strictEqual(again.headers.get("idempotent-replayed"), "true")
      assert.deepInclude(again.body, { external_ref: "r" })
    }))

  test("without the header the version pinned to the key counts", () =>
    Effect.gen(function* () {
      const { session, url } = yield* world
      const { apiKey, secret } = yield* provision()
      pins.set(apiKey.id, "2025-01-01")
      const pinned = asking(url, secret)
      const path = `/sessions/${session.id}`
      const updated = yield* pinned("PATCH", path, { body: { reference: "pinned" } })
      assert.deepInclude(updated.body, { reference: "pinned" })
      const newest = yield* pinned("GET", path, { headers: { "verifa-version": "2027-01-01" } })
      assert.deepInclude(newest.body, { external_ref: "pinned" })
    }))

  test("a deprecated version says since when and until when", () =>
    Effect.gen(function* () {
      const { ask, session } = yield* world
      const path = `/sessions/${session.id}`
      const old = yield* ask("GET", path, { headers: { "verifa-version": "2025-01-01" } })
      assert.strictEqual(old.headers.get("deprecation"), `@${Date.parse("2026-01-01") / 1_000}`)
      assert.strictEqual(old.headers.get("sunset"), "Wed, 30 Jun 2027 00:00:00 GMT")
      assert.isFalse((yield* ask("GET", path)).headers.has("deprecation"))
    }))

  test("a retired version and one that never was are refused, with those that are answered", () =>
    Effect.gen(function* () {
      const { ask, session } = yield* world
      for (const [version, reason] of [
        ["2024-01-01", "That API version is retired; move to 2027-01-01"],
        ["2026-01-15", "There is no such API version"]
      ] as const) {
        const { body, status } = yield* ask("GET", `/sessions/${session.id}`, {
          headers: { "verifa-version": version }
        })
        assert.strictEqual(status, 400)
        assert.deepInclude(body, {
          error: "unsupported_version",
          detail: `${reason}. Versions: 2025-01-01, 2026-01-01, 2027-01-01`
        })
      }
    }))
})

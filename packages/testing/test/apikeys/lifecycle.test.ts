/** The life of an API key: made, listed and used (contract §1). */
import { ApiKeys, ApiKeyStore, Authenticator, parseApiKey } from "@holdfast/core"
import type { CreateApiKeyInput } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { Faults, makeCredentials, provision } from "@holdfast/testing"
import { DateTime, Deferred, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { overEngines, refusal } from "../support.ts"

const authenticate = Effect.fnUntraced(function* (secret: Redacted.Redacted<string>) {
  return yield* (yield* Authenticator).authenticate(makeCredentials(secret))
})

overEngines("a new key", ({ test }) => {
  test("reads vk_, its environment, its id, a secret and a checksum", () =>
    Effect.gen(function* () {
      for (const environment of ["live", "sandbox"] as const) {
        const { apiKey, secret } = yield* provision({ environment })
        const text = Redacted.value(secret)
        assert.match(text, /^vk_(live|sandbox)_[0-9a-z]{26}_[0-9A-Za-z]{49}$/)
        assert.deepInclude(parseApiKey(text), { id: apiKey.id, kind: environment })
        assert.strictEqual(JSON.stringify({ secret }), '{"secret":"<redacted:API key>"}')
      }
    }))

  test("is like no other, and its secret is kept nowhere", () =>
    Effect.gen(function* () {
      const store = yield* ApiKeyStore
      const keys = yield* Effect.forEach(Array.from({ length: 20 }), () => provision())
      assert.strictEqual(new Set(keys.map(({ secret }) => Redacted.value(secret).split("_").at(-1))).size, 20)
      for (const { apiKey, secret } of keys) {
        const { secret: random = "" } = parseApiKey(Redacted.value(secret)) ?? {}
        const kept = JSON.stringify([yield* store.find(apiKey.id), apiKey])
        assert.notInclude(kept, random)
        assert.notProperty(apiKey, "secret")
        assert.notProperty(apiKey, "previous")
      }
    }))

  test("may read, create and write sessions, from anywhere and without end, unless told otherwise", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      yield* apiKeys.ensureOrganization("acme")
      const { apiKey } = yield* apiKeys.create({ organization: "acme", environment: "live" })
      const { createdAt: _, environment: __, id: ___, ...rest } = apiKey
      assert.deepStrictEqual(rest, {
        organization: apiKey.organization,
        kind: "live",
        label: "",
        scopes: ["sessions:read", "sessions:create", "sessions:write"],
        version: "2026-02-01",
        inflection: null,
        allowList: [],
        expiresAt: null,
        revokedAt: null,
        lastUsedAt: null
      })
    }))

  test("needs an organization that is there", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      assert.strictEqual(
        yield* refusal(apiKeys.create({ organization: "nobody", environment: "live" })),
        "NotFound not_found"
      )
      assert.strictEqual(yield* refusal(apiKeys.list({ organization: "nobody" })), "NotFound not_found")
    }))

  test("is refused with every rule that its input breaks", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const input: object = {
        organization: "Not A Slug",
        environment: "production",
        label: "x".repeat(256),
        scopes: [],
        version: "2026-01-02",
        inflection: "pascal",
        allowList: ["10.0.0.0/33", "192.0.2.1", "nonsense"],
        admin: true
      }
      const error = yield* Effect.flip(apiKeys.create(input as CreateApiKeyInput))
      assert.deepStrictEqual(
        "issues" in error ? error.issues.map(({ code, path }) => `${path.join(".")}: ${code}`).toSorted() : [],
        [
          "admin: immutable_field",
          "allowList.0: unknown_value",
          "allowList.2: unknown_value",
          "environment: unknown_value",
          "inflection: unknown_value",
          "label: too_long",
          "organization: wrong_type",
          "scopes: unknown_value",
          "version: unknown_value"
        ]
      )
    }))
})

overEngines("an organization", ({ test }) => {
  test("is made once, with both its environments", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const first = yield* apiKeys.ensureOrganization("acme")
      assert.isTrue(first.created)
      assert.notStrictEqual(first.organization.live, first.organization.sandbox)
      const again = yield* apiKeys.ensureOrganization("acme")
      assert.deepStrictEqual(JSON.stringify(again), JSON.stringify({ ...first, created: false }))
    }))

  test("made by many at the same moment is made by one of them", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const made = yield* Effect.forEach(Array.from({ length: 20 }), () => apiKeys.ensureOrganization("acme"), {
        concurrency: "unbounded"
      })
      assert.strictEqual(made.filter(({ created }) => created).length, 1)
      assert.strictEqual(new Set(made.map(({ organization }) => organization.live)).size, 1)
    }))

  test("has a name of 1 to 63 of a-z, 0-9 and -", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      for (const slug of ["", "Acme", "a b", "a_b", "é", "a".repeat(64), "a\n"]) {
        assert.strictEqual(yield* refusal(apiKeys.ensureOrganization(slug)), "Unprocessable validation_failed", slug)
      }
      for (const slug of ["a", "-", "0", "a-1", "a".repeat(63)]) yield* apiKeys.ensureOrganization(slug)
    }))

  test("lists its keys newest first, of both environments or of one, and nobody else's", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const made = []
      for (const environment of ["live", "sandbox", "live"] as const) {
        made.unshift((yield* provision({ environment })).apiKey)
        yield* TestClock.adjust("1 second")
      }
      yield* provision({ organization: "globex" })
      const ids = (environment?: "live" | "sandbox") =>
        Effect.map(apiKeys.list({ organization: "acme", environment }), (keys) => keys.map(({ id }) => id))
      assert.deepStrictEqual(
        yield* ids(),
        made.map(({ id }) => id)
      )
      assert.deepStrictEqual(
        yield* ids("live"),
        made.filter(({ kind }) => kind === "live").map(({ id }) => id)
      )
      assert.deepStrictEqual(yield* ids("sandbox"), [made[1]?.id])
    }))
})

overEngines("the last use of a key", ({ test }) => {
  /** A fault that lets a call pass and says when it is done. */
  const watched = Effect.sync(() => {
    const done = Deferred.makeUnsafe<void>()
    const fault: Faults.Fault = (call) => Effect.ensuring(call, Deferred.succeed(done, undefined))
    return { fault, done: Deferred.await(done) }
  })

  const lastUse = Effect.fnUntraced(function* (id: Parameters<ApiKeyStore["Service"]["find"]>[0]) {
    const found = yield* (yield* ApiKeyStore).find(id)
    return found?.lastUsedAt == null ? null : DateTime.toEpochMillis(found.lastUsedAt)
  })

  const newKey = Effect.gen(function* () {
    const apiKeys = yield* ApiKeys
    yield* TestClock.adjust("1 day")
    yield* apiKeys.ensureOrganization("acme")
    return yield* apiKeys.create({ organization: "acme", environment: "sandbox" })
  })

  const day = 24 * 60 * 60_000

  test("is noted while nobody waits for it", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const { apiKey, secret } = yield* newKey
      const passing = yield* watched
      const stall = yield* Faults.makeStall(passing.fault)
      yield* faults.next("apiKeys.touch", stall.fault)
      yield* authenticate(secret)
      yield* stall.arrived
      assert.isNull(yield* lastUse(apiKey.id))
      yield* stall.release
      yield* passing.done
      assert.strictEqual(yield* lastUse(apiKey.id), day)
    }))

  test("is noted at most once a minute", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const { apiKey, secret } = yield* newKey
      const [first, second] = [yield* watched, yield* watched]
      yield* faults.next("apiKeys.touch", first.fault, second.fault)
      yield* authenticate(secret)
      yield* first.done
      yield* TestClock.adjust("59999 millis")
      yield* Effect.forEach(Array.from({ length: 20 }), () => authenticate(secret))
      yield* TestClock.adjust(0)
      assert.strictEqual(yield* faults.calls("apiKeys.touch"), 1)
      yield* TestClock.adjust(1)
      yield* authenticate(secret)
      yield* second.done
      assert.strictEqual(yield* lastUse(apiKey.id), day + 60_000)
      assert.strictEqual(yield* faults.calls("apiKeys.touch"), 2)
    }))

  test("that cannot be noted keeps nobody out", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const { secret } = yield* newKey
      yield* faults.always(Faults.refuse, "apiKeys.touch")
      yield* authenticate(secret)
      yield* authenticate(secret)
    }))
})

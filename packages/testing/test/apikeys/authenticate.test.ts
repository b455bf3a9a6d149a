/** Who gets in: every kind of bad key is answered alike, and a good one says who it is (contract §1). */
import { ApiKeys, Authenticator, formatKey } from "@holdfast/core"
import type { ApiKey } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { Faults, makeCredentials, makeId, provision } from "@holdfast/testing"
import { DateTime, Duration, Effect, Logger, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { overEngines, refusal } from "../support.ts"

const authenticate = Effect.fnUntraced(function* (
  secret: Redacted.Redacted<string> | string | null,
  overrides?: Parameters<typeof makeCredentials>[1]
) {
  return yield* (yield* Authenticator).authenticate(makeCredentials(secret, overrides))
})

const unauthorized = "Unauthorized unauthorized"
const random = new Uint8Array(32).fill(7)

/** A bad key of every kind, and why it is bad. */
const badKeys = Effect.gen(function* () {
  const apiKeys = yield* ApiKeys
  const now = yield* DateTime.now
  const good = yield* provision()
  const revoked = yield* provision()
  yield* apiKeys.revoke(revoked.apiKey.id)
  const expired = yield* apiKeys.create({
    organization: "acme",
    environment: "sandbox",
    expiresAt: DateTime.addDuration(now, Duration.seconds(1))
  })
  const elsewhere = yield* apiKeys.create({ organization: "acme", environment: "sandbox", allowList: ["198.51.100.1"] })
  yield* TestClock.adjust("1 second")
  const text = Redacted.value(good.secret)
  const other = (key: Pick<ApiKey, "id" | "kind">) => formatKey(key, random)
  return [
    ["malformed", ""],
    ["malformed", "nonsense"],
    ["malformed", text.slice(0, -1)],
    ["malformed", `${text} `],
    ["malformed", text.toUpperCase()],
    ["malformed", `vk_live${text.slice("vk_sandbox".length)}`],
    ["malformed", "x".repeat(100_000)],
    ["unknown", other({ id: makeId("key", 404), kind: "sandbox" })],
    ["unknown", other({ id: good.apiKey.id, kind: "live" })],
    ["wrong_secret", other(good.apiKey)],
    ["revoked", Redacted.value(revoked.secret)],
    ["expired", Redacted.value(expired.secret)],
    ["address", Redacted.value(elsewhere.secret)]
  ] as const
})

overEngines("a key", ({ test }) => {
  test("that is good says who the caller is", () =>
    Effect.gen(function* () {
      const { apiKey, organization, secret } = yield* provision({
        scopes: ["sessions:read", "redact:write"],
        version: "2026-01-01",
        inflection: "kebab"
      })
      assert.deepStrictEqual(yield* authenticate(secret), {
        organization: organization.slug,
        environment: organization.sandbox,
        kind: "sandbox",
        scopes: new Set(["sessions:read", "redact:write"] as const),
        apiKey: apiKey.id,
        version: "2026-01-01",
        inflection: "kebab"
      })
    }))

  test("that is bad in whatever way is answered alike", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(authenticate(null))
      assert.deepInclude(missing, { _tag: "Unauthorized", code: "unauthorized" })
      for (const [why, key] of yield* badKeys) {
        const error = yield* Effect.flip(authenticate(key, { address: "192.0.2.99" }))
        assert.deepStrictEqual(
          [error._tag, error.code, error.message, { ...error }],
          [missing._tag, missing.code, missing.message, { ...missing }],
          why
        )
      }
    }))

  test("that is bad leaves its reason in the log, and nothing of its secret", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.map(Logger.formatJson, (line) => void lines.push(line))
      for (const [why, key] of yield* badKeys) {
        lines.length = 0
        yield* Effect.provide(refusal(authenticate(key)), Logger.layer([logger]))
        assert.strictEqual(lines.length, 1, why)
        assert.include(lines[0], why)
        if (key.startsWith("vk_")) assert.notInclude(lines[0], key.split("_").at(-1))
      }
    }))

  test("has an end: good a millisecond before it, and not at it", () =>
    Effect.gen(function* () {
      const { secret } = yield* provision({ expiresAt: DateTime.makeUnsafe(1_000) })
      yield* TestClock.adjust(999)
      yield* authenticate(secret)
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* refusal(authenticate(secret)), unauthorized)
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* refusal(authenticate(secret)), unauthorized)
    }))

  test("that is revoked ends at once, both its secrets", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const { apiKey, secret } = yield* provision()
      const rotated = yield* apiKeys.rotate({ id: apiKey.id })
      yield* authenticate(secret)
      yield* authenticate(rotated.secret)
      yield* apiKeys.revoke(apiKey.id)
      assert.strictEqual(yield* refusal(authenticate(secret)), unauthorized)
      assert.strictEqual(yield* refusal(authenticate(rotated.secret)), unauthorized)
    }))

  test("of a store that is down is Unavailable, and not a failure of the key", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const { secret } = yield* provision()
      yield* TestClock.adjust("5 seconds")
      yield* faults.always(Faults.refuse)
      assert.strictEqual(yield* refusal(authenticate(secret)), "Unavailable unavailable")
      yield* faults.clear
      yield* authenticate(secret)
    }))

  test("with a typo is known to be one without a look-up", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const text = Redacted.value((yield* provision()).secret)
      const before = yield* faults.calls("apiKeys.find")
      const swap = (index: number) =>
        text.slice(0, index) + text.charAt(index + 1) + text.charAt(index) + text.slice(index + 2)
      const change = (index: number) => text.slice(0, index) + (text[index] === "7" ? "8" : "7") + text.slice(index + 1)
      const typos = Array.from(text, (_, index) => [swap(index), change(index)]).flat()
      for (const typo of typos.filter((typo) => typo !== text)) {
        assert.strictEqual(yield* refusal(authenticate(typo, { address: typo })), unauthorized)
      }
      assert.strictEqual((yield* faults.calls("apiKeys.find")) - before, 0)
    }))
})

overEngines("an allow-list", ({ test }) => {
  const cases = [
    [[], ["192.0.2.1", "2001:db8::1", null], []],
    [["192.0.2.1"], ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:192.0.2.1"], ["192.0.2.2", "::1", "", "nonsense", null]],
    [["10.0.0.0/8"], ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "9.255.255.255"]],
    [["0.0.0.0/0"], ["203.0.113.9"], ["2001:db8::1", null]],
    [["2001:db8::1"], ["2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:db8::1%eth0"], ["2001:db8::2", "192.0.2.1"]],
    [["2001:db8::/32"], ["2001:db8::", "2001:db8:ffff::1"], ["2001:db9::1"]],
    [["::ffff:192.0.2.1"], ["192.0.2.1", "::ffff:192.0.2.1"], ["192.0.2.2"]],
    [
      ["198.51.100.7", "fd00::/8"],
      ["198.51.100.7", "fd12::1"],
      ["198.51.100.8", "fe80::1"]
    ]
  ] as const

  for (const [allowList, inside, outside] of cases) {
    test(`of ${JSON.stringify(allowList)} lets in who is on it, and nobody else`, () =>
      Effect.gen(function* () {
        const apiKeys = yield* ApiKeys
        yield* apiKeys.ensureOrganization("acme")
        const { secret } = yield* apiKeys.create({ organization: "acme", environment: "live", allowList })
        for (const address of inside) yield* authenticate(secret, { address })
        for (const address of outside) {
          assert.strictEqual(yield* refusal(authenticate(secret, { address })), unauthorized, `${address}`)
        }
      }))
  }
})

overEngines("failed authentications", ({ test }) => {
  const failTimes = (times: number, address: string | null) =>
    Effect.forEach(Array.from({ length: times }), () => refusal(authenticate("nonsense", { address })))

  test("are limited to 60 a minute for an address; the next is told when to come again", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("15 seconds")
      const answers = yield* failTimes(60, "192.0.2.1")
      assert.deepStrictEqual(new Set(answers), new Set([unauthorized]))
      const error = yield* Effect.flip(authenticate("nonsense"))
      assert.deepInclude(error, { _tag: "RateLimited", code: "rate_limited", retryAfter: 60 })
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual(yield* refusal(authenticate("nonsense")), "RateLimited rate_limited")
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* refusal(authenticate("nonsense")), unauthorized)
    }))

  test("of a whole IPv6 network of 64 bits count together, because one client has all of it", () =>
    Effect.gen(function* () {
      yield* failTimes(30, "2001:db8:0:1::1")
      yield* failTimes(30, "2001:db8:0:1:ffff::2")
      assert.strictEqual(
        yield* refusal(authenticate("nonsense", { address: "2001:db8:0:1::3" })),
        "RateLimited rate_limited"
      )
      assert.strictEqual(yield* refusal(authenticate("nonsense", { address: "2001:db8:0:2::1" })), unauthorized)
    }))

  test("count whatever was wrong, a missing key too", () =>
    Effect.gen(function* () {
      for (const [, key] of yield* badKeys) yield* refusal(authenticate(key))
      yield* Effect.forEach(Array.from({ length: 60 }), () => Effect.flip(authenticate(null)))
      assert.strictEqual(yield* refusal(authenticate(null)), "RateLimited rate_limited")
    }))

  test("keep no good key waiting, and no other address", () =>
    Effect.gen(function* () {
      const { secret } = yield* provision()
      yield* failTimes(100, "192.0.2.1")
      yield* authenticate(secret, { address: "192.0.2.1" })
      assert.strictEqual(yield* refusal(authenticate("nonsense", { address: "192.0.2.2" })), unauthorized)
      assert.strictEqual(yield* refusal(authenticate("nonsense", { address: null })), unauthorized)
    }))
})

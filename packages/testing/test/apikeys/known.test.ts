/** Keys that were found good a moment ago: what is remembered of them, and what is asked each time (contract §1). */
import { ApiKeys, Authenticator } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { Faults, makeCredentials, provision } from "@holdfast/testing"
import { Context, DateTime, Effect } from "effect"
import type { Redacted } from "effect"
import { TestClock } from "effect/testing"
import { anotherProcess, overEngines, refusal } from "../support.ts"

const unauthorized = "Unauthorized unauthorized"

const authenticate = Effect.fnUntraced(function* (secret: Redacted.Redacted<string>, address?: string) {
  const overrides = address === undefined ? {} : { address }
  return yield* (yield* Authenticator).authenticate(makeCredentials(secret, overrides))
})

const lookUps = Effect.flatMap(Faults.Faults, (faults) => faults.calls("apiKeys.find"))

overEngines("a key that was found good", ({ test }) => {
  test("is not looked up again for five seconds, and says the same of its caller", () =>
    Effect.gen(function* () {
      const { secret } = yield* provision()
      yield* TestClock.adjust("5 seconds")
      const first = yield* authenticate(secret)
      const before = yield* lookUps
      yield* TestClock.adjust(4_999)
      assert.deepStrictEqual(yield* authenticate(secret), first)
      assert.strictEqual((yield* lookUps) - before, 0)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* authenticate(secret), first)
      assert.strictEqual((yield* lookUps) - before, 1)
    }))

  test("is remembered from when its reading began, however often it is used", () =>
    Effect.gen(function* () {
      const { apiKey, secret } = yield* provision()
      yield* TestClock.adjust("5 seconds")
      yield* authenticate(secret)
      yield* Context.get(yield* anotherProcess(), ApiKeys).revoke(apiKey.id)
      for (const _ of Array.from({ length: 4 })) {
        yield* TestClock.adjust("1 second")
        yield* authenticate(secret)
      }
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* refusal(authenticate(secret)), unauthorized)
    }))

  test("is asked each time whether it has ended and from where it is used, and a refusal is noted", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const apiKeys = yield* ApiKeys
      yield* apiKeys.ensureOrganization("acme")
      const { secret } = yield* apiKeys.create({
        organization: "acme",
        environment: "sandbox",
        allowList: ["192.0.2.0/24"],
        expiresAt: DateTime.makeUnsafe(2_000)
      })
      yield* authenticate(secret, "192.0.2.1")
      assert.strictEqual(yield* refusal(authenticate(secret, "198.51.100.1")), unauthorized)
      yield* authenticate(secret, "192.0.2.2")
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* refusal(authenticate(secret, "192.0.2.1")), unauthorized)
      assert.strictEqual(yield* faults.calls("sessions.appendAudit"), 2)
    }))

  test("is forgotten as soon as this process revokes it, also when the answer to that is lost", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const { apiKey, secret } = yield* provision()
      yield* authenticate(secret)
      yield* faults.next("apiKeys.revoke", Faults.loseAnswer)
      assert.strictEqual(yield* refusal((yield* ApiKeys).revoke(apiKey.id)), "Unavailable unavailable")
      assert.strictEqual(yield* refusal(authenticate(secret)), unauthorized)
    }))

  test("is not remembered from before a revocation that overtook its reading", () =>
    Effect.gen(function* () {
      const faults = yield* Faults.Faults
      const apiKeys = yield* ApiKeys
      const { apiKey, secret } = yield* provision()
      yield* TestClock.adjust("5 seconds")
      yield* faults.next("apiKeys.find", (call) => Effect.tap(call, Effect.orDie(apiKeys.revoke(apiKey.id))))
      yield* authenticate(secret)
      assert.strictEqual(yield* refusal(authenticate(secret)), unauthorized)
    }))
})

overEngines("a key that was refused", ({ test }) => {
  test("is looked up each time", () =>
    Effect.gen(function* () {
      const { apiKey, secret } = yield* provision()
      yield* (yield* ApiKeys).revoke(apiKey.id)
      const before = yield* lookUps
      for (const _ of Array.from({ length: 3 })) yield* refusal(authenticate(secret))
      assert.strictEqual((yield* lookUps) - before, 3)
    }))
})

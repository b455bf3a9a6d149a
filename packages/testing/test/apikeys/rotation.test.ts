/** How keys end: replaced by a second secret, revoked, or outlived by the server's own secret (contract §1). */
import { ApiKeys, Authenticator, Keyring } from "@holdfast/core"
import { assert } from "@effect/vitest"
import { makeCredentials, makeId, provision, testSecret } from "@holdfast/testing"
import { Context, DateTime, Duration, Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { anotherProcess, overEngines, refusal } from "../support.ts"

const unauthorized = "Unauthorized unauthorized"

const authenticate = Effect.fnUntraced(function* (secret: Redacted.Redacted<string>) {
  return yield* (yield* Authenticator).authenticate(makeCredentials(secret))
})

overEngines("a rotation", ({ test }) => {
  test("of a key that is revoked or has expired gives none: it would not bring the key back", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const { apiKey: revoked } = yield* provision()
      yield* apiKeys.revoke(revoked.id)
      const { apiKey: expired } = yield* provision({ expiresAt: DateTime.addDuration(yield* DateTime.now, "1 hour") })
      yield* TestClock.adjust("1 hour")
      for (const { id } of [revoked, expired]) {
        assert.strictEqual((yield* Effect.flip(apiKeys.rotate({ id })))._tag, "NotFound")
      }
    }))

  test("gives a second secret, and the first stays good for 24 hours", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const { apiKey, secret } = yield* provision()
      const rotated = yield* apiKeys.rotate({ id: apiKey.id })
      assert.strictEqual(rotated.apiKey.id, apiKey.id)
      assert.notStrictEqual(Redacted.value(rotated.secret), Redacted.value(secret))
      yield* TestClock.adjust(24 * 60 * 60_000 - 1)
      assert.strictEqual((yield* authenticate(secret)).apiKey, apiKey.id)
      assert.strictEqual((yield* authenticate(rotated.secret)).apiKey, apiKey.id)
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* refusal(authenticate(secret)), unauthorized)
      yield* authenticate(rotated.secret)
    }))

  test("leaves the overlap that is asked for, none included", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const { apiKey, secret } = yield* provision()
      const second = yield* apiKeys.rotate({ id: apiKey.id, overlap: Duration.minutes(1) })
      yield* authenticate(secret)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* refusal(authenticate(secret)), unauthorized)
      const third = yield* apiKeys.rotate({ id: apiKey.id, overlap: Duration.zero })
      assert.strictEqual(yield* refusal(authenticate(second.secret)), unauthorized)
      yield* authenticate(third.secret)
    }))

  test("leaves two secrets good at most", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const { apiKey, secret } = yield* provision()
      const second = yield* apiKeys.rotate({ id: apiKey.id })
      const third = yield* apiKeys.rotate({ id: apiKey.id })
      assert.strictEqual(yield* refusal(authenticate(secret)), unauthorized)
      yield* authenticate(second.secret)
      yield* authenticate(third.secret)
    }))

  test("of a key that does not exist is not found", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      assert.strictEqual(yield* refusal(apiKeys.rotate({ id: makeId("key", 404) })), "NotFound not_found")
      assert.strictEqual(yield* refusal(apiKeys.revoke(makeId("key", 404))), "NotFound not_found")
    }))
})

overEngines("a revocation", ({ test }) => {
  test("done again changes nothing: the first one counts", () =>
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const { apiKey } = yield* provision()
      yield* TestClock.adjust(5)
      const first = yield* apiKeys.revoke(apiKey.id)
      yield* TestClock.adjust(5)
      const second = yield* apiKeys.revoke(apiKey.id)
      assert.strictEqual(first.revokedAt && DateTime.toEpochMillis(first.revokedAt), 5)
      assert.strictEqual(second.revokedAt && DateTime.toEpochMillis(second.revokedAt), 5)
    }))

  test("is seen by every process within five seconds", () =>
    Effect.gen(function* () {
      const { apiKey, secret } = yield* provision()
      const elsewhere = Context.get(yield* anotherProcess(), Authenticator)
      const rotated = yield* (yield* ApiKeys).rotate({ id: apiKey.id })
      for (const key of [secret, rotated.secret]) yield* elsewhere.authenticate(makeCredentials(key))
      yield* (yield* ApiKeys).revoke(apiKey.id)
      yield* TestClock.adjust("5 seconds")
      for (const key of [secret, rotated.secret]) {
        assert.strictEqual(yield* refusal(elsewhere.authenticate(makeCredentials(key))), unauthorized)
      }
    }))
})

overEngines("another server secret", ({ test }) => {
  const secret = Redacted.make("the secret that came after the first one")
  const ring = (previous: ReadonlyArray<Redacted.Redacted<string>>) =>
    anotherProcess({ keyring: Layer.orDie(Keyring.layer({ secret, previous })) })

  test("fails no key, as long as the old one is on the ring", () =>
    Effect.gen(function* () {
      const old = yield* provision()
      const after = yield* ring([testSecret])
      const { authenticate } = Context.get(after, Authenticator)
      assert.strictEqual((yield* authenticate(makeCredentials(old.secret))).apiKey, old.apiKey.id)
      const rotated = yield* Context.get(after, ApiKeys).rotate({ id: old.apiKey.id })
      yield* authenticate(makeCredentials(rotated.secret))
      yield* authenticate(makeCredentials(old.secret))

      const alone = Context.get(yield* ring([]), Authenticator)
      yield* alone.authenticate(makeCredentials(rotated.secret))
      assert.strictEqual(yield* refusal(alone.authenticate(makeCredentials(old.secret))), unauthorized)
    }))
})

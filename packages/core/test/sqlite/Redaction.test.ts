import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { existsSync, readFileSync } from "node:fs"
import { layerSqlite } from "../../src/sqlite/index.ts"
import { SessionStore } from "../../src/store/SessionStore.ts"
import { idempotencyKey, makeCommit, makeSession, now, redact, sessionId, tenant } from "../StoreFixtures.ts"
import { otherConnection, temporaryFile } from "./temporaryFile.ts"

/** A value to look for. Those of a session are all different, and long ones take pages of their own in the file. */
const canary = (n: number) => `canary-${n}-${"x".repeat(n % 3 === 0 ? 9_000 : 10)}`

/** How often any canary is found in the bytes of the file and of its log. */
const sightings = (filename: string) =>
  [filename, `${filename}-wal`]
    .filter(existsSync)
    .map((name) => readFileSync(name, "latin1").split("canary-").length - 1)
    .reduce((sum, found) => sum + found, 0)

const open = (filename: string) =>
  Effect.map(Layer.build(layerSqlite({ filename })), (services) => Context.get(services, SessionStore))

/** What stands in the text of the session alone. */
const hidden = (revision: number) => ({
  revision,
  metadata: { name: canary(revision), [`canary-key-${revision}`]: { nested: [canary(revision + 1)] } },
  consentIp: "canary-ip"
})

const withCanaries = (revision: number) =>
  makeSession(1, { ...hidden(revision), externalRef: `canary-ref-${revision}`, tags: [`canary-tag-${revision}`] })

const withoutColumns = (revision: number) => makeSession(1, { ...hidden(revision), tokenExpiresAt: null })

const redacted = (revision: number) => makeSession(1, { revision, retentionStatus: "redacted", tokenExpiresAt: null })

describe("a redaction", () => {
  it.effect.each([
    ["in its columns and its text", withCanaries],
    ["in its text alone", withoutColumns]
  ] as const)("leaves no byte of what the session held %s, in the file or in its log", ([, holding]) =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const store = yield* open(filename)
      for (let revision = 1; revision <= 30; revision++) {
        const change = makeCommit(holding(revision), { key: `key-${revision}`, outcome: canary(revision) })
        assert.deepStrictEqual(yield* store.commit([change]), ["committed"])
      }
      assert.isAbove(sightings(filename), 100)

      const change = makeCommit(redacted(31), { key: "redaction", outcome: "the redaction's own" })
      assert.strictEqual(yield* redact(store, change), "committed")
      assert.strictEqual(sightings(filename), 0)
      const other = yield* otherConnection(filename)
      other.exec("PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
      assert.strictEqual(sightings(filename), 0)

      const record = (key: string) =>
        store
          .load({ tenant, session: sessionId(1), key: idempotencyKey(key), event: null, now })
          .pipe(Effect.map((loaded) => loaded.record))
      assert.deepInclude(yield* record("key-7"), { operation: "updateSession", session: sessionId(1), body: null })
      assert.deepStrictEqual(yield* record("redaction"), change.record)
    })
  )

  it.effect("erases the records of that session alone, also without a key of its own", () =>
    Effect.gen(function* () {
      const store = yield* open(yield* temporaryFile)
      const mine = makeCommit(makeSession(1), { key: "mine" })
      const others = makeCommit(makeSession(2), { key: "others" })
      yield* store.commit([mine, others])
      assert.strictEqual(yield* redact(store, makeCommit(redacted(2))), "committed")
      const bodies = yield* Effect.forEach(["mine", "others"], (key) =>
        store.load({ tenant, session: sessionId(1), key: idempotencyKey(key), event: null, now })
      )
      assert.deepStrictEqual(
        bodies.map(({ record }) => record?.body),
        [null, others.record?.body]
      )
    })
  )

  it.effect("is done although a reader elsewhere holds on to the log", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const store = yield* open(filename)
      yield* store.commit([makeCommit(withCanaries(1))])
      const reader = yield* otherConnection(filename)
      reader.exec("BEGIN")
      reader.prepare("SELECT count(*) FROM sessions").get()
      const redaction = yield* Effect.forkChild(redact(store, makeCommit(redacted(2))), { startImmediately: true })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(redaction), "committed")
      reader.exec("COMMIT")
    })
  )
})

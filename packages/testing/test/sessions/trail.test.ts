/** What is written down about a change: exactly one event per revision, and who did what (contract §9). */
import { Sessions, SessionStore } from "@holdfast/core"
import type { AuditEntry, LoneEntry, Tenant } from "@holdfast/core"
import { assert, describe, it } from "@effect/vitest"
import { layerOver, layerTest, makeCaller, makeId } from "@holdfast/testing"
import type { Stores } from "@holdfast/testing"
import { Context, DateTime, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { caller, create, historyOf, overEngines, refusal } from "../support.ts"

overEngines("the events of a session", ({ test }) => {
  test("are one for each revision, with the names of the fields that changed", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { session } = yield* sessions.create(caller, { input: { externalRef: "a", metadata: { name: "Ada" } } })
      const { id } = session
      const inputs = [
        { metadata: { name: "Grace" } },
        { externalRef: "b" },
        { externalRef: null, metadata: { name: null } },
        {},
        { externalRef: "c", metadata: { absent: null } }
      ]
      for (const input of inputs) {
        yield* TestClock.adjust(10)
        yield* sessions.update(caller, { id, input })
      }
      const { events } = yield* historyOf({ id })
      const seen = events.map(({ at, changed, revision, session, type }) => ({
        session,
        revision,
        type,
        changed: revision === 1 ? "all" : changed.toSorted().join(),
        at: DateTime.toEpochMillis(at)
      }))
      const updated = { session: id, type: "session.updated" }
      assert.deepStrictEqual(seen, [
        { session: id, type: "session.created", revision: 1, changed: "all", at: 0 },
        { ...updated, revision: 2, changed: "metadata", at: 10 },
        { ...updated, revision: 3, changed: "externalRef", at: 20 },
        { ...updated, revision: 4, changed: "externalRef,metadata", at: 30 },
        { ...updated, revision: 5, changed: "externalRef", at: 50 }
      ])
      assert.strictEqual(new Set(events.map((event) => event.id)).size, 5)
      assert.notInclude(JSON.stringify(events), "Ada")
    }))

  test("begin with every field of the new session but its time and revision", () =>
    Effect.gen(function* () {
      const session = yield* create()
      const { events } = yield* historyOf(session)
      const { revision: _, updatedAt: __, ...fields } = session
      assert.deepStrictEqual(events[0]?.changed.toSorted(), Object.keys(fields).toSorted())
    }))

  test("end with what a redaction erased", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create({ name: "Ada" })
      yield* sessions.redact(caller, { id })
      const event = (yield* historyOf({ id })).events.at(-1)
      assert.deepInclude(event, { type: "session.redacted", revision: 2 })
      assert.includeMembers([...(event?.changed ?? [])], ["metadata", "retentionStatus"])
    }))
})

overEngines("the audit trail", ({ test }) => {
  test("says who did what, to which session, when, from where and in which request", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const by = (n: number) => makeCaller({ apiKey: makeId("key", n), requestId: `req_${n}`, address: `192.0.2.${n}` })
      const { session } = yield* sessions.create(by(1), { idempotencyKey: "k" })
      yield* TestClock.adjust(10)
      yield* sessions.update(by(2), { id: session.id, input: { externalRef: "a" } })
      yield* TestClock.adjust(10)
      yield* sessions.redact({ ...by(3), apiKey: null, address: null }, { id: session.id })
      const { audit } = yield* historyOf(session)
      assert.deepStrictEqual(
        audit.map(({ action, address, apiKey, at, requestId, session }) => [
          action,
          session,
          DateTime.toEpochMillis(at),
          apiKey,
          requestId,
          address
        ]),
        [
          ["createSession", session.id, 0, by(1).apiKey, "req_1", "192.0.2.1"],
          ["updateSession", session.id, 10, by(2).apiKey, "req_2", "192.0.2.2"],
          ["redactSession", session.id, 20, null, "req_3", null]
        ]
      )
    }))

  test("holds one entry for each change: none for a replay, a refusal of a rule, or an unchanged update without a key", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* create()
      const request = { id, input: { externalRef: "a" }, idempotencyKey: "k" }
      yield* sessions.update(caller, request)
      const before = yield* historyOf({ id })
      yield* sessions.update(caller, request)
      yield* sessions.update(caller, { id, input: { externalRef: "a" } })
      yield* refusal(sessions.update(caller, { id, input: { expectedRevision: 7 } }))
      yield* refusal(sessions.update(caller, { ...request, input: {} }))
      assert.deepStrictEqual(yield* historyOf({ id }), before)
      assert.strictEqual(before.audit.length, 2)
      // With a key the outcome is stored, and so is who asked.
      yield* sessions.update(caller, { id, input: { externalRef: "a" }, idempotencyKey: "unchanged" })
      assert.strictEqual((yield* historyOf({ id })).audit.length, 3)
    }))

  test("holds no personal data", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { session } = yield* sessions.create(caller, {
        input: { externalRef: "zelda", metadata: { zelda: "Zelda" } }
      })
      yield* sessions.update(caller, { id: session.id, input: { metadata: { zelda: "Fitzgerald" } } })
      yield* sessions.redact(caller, { id: session.id })
      const { audit, events } = yield* historyOf(session)
      assert.notMatch(JSON.stringify([audit, events]), /zelda|fitzgerald/i)
    }))
})

/** Sessions whose store shows the entries that belong to no commit, with their tenant. */
const watched = Effect.gen(function* () {
  const entries: Array<AuditEntry & Tenant> = []
  const stores = Layer.succeedContext(yield* Effect.context<Stores>())
  const watching = Layer.effect(
    SessionStore,
    Effect.map(SessionStore, (store) => ({
      ...store,
      appendAudit: (tenant: Tenant, entry: LoneEntry) => {
        entries.push({ ...entry, organization: tenant.organization, environment: tenant.environment })
        return store.appendAudit(tenant, entry)
      }
    }))
  ).pipe(Layer.provideMerge(stores))
  const process = Effect.map(Layer.build(Layer.fresh(layerOver(watching))), Context.get(Sessions))
  return { entries, process }
})

describe("a known key that is turned away", () => {
  const reader = makeCaller({ scopes: new Set(["sessions:read"]), requestId: "req_7", address: "192.0.2.7" })

  it.effect("is in the audit trail with its reason", () =>
    Effect.gen(function* () {
      const { entries, process } = yield* watched
      yield* refusal((yield* process).create(reader, {}))
      assert.strictEqual(entries.length, 1)
      assert.deepInclude(entries[0], {
        organization: reader.organization,
        environment: reader.environment,
        action: "refused.insufficient_scope",
        session: null,
        apiKey: reader.apiKey,
        requestId: "req_7",
        address: "192.0.2.7"
      })
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is there at most once per key, reason and minute", () =>
    Effect.gen(function* () {
      const { entries, process } = yield* watched
      const sessions = yield* process
      const refused = (as: typeof reader) => Effect.forEach([1, 2, 3], () => refusal(sessions.create(as, {})))
      yield* refused(reader)
      yield* TestClock.adjust("59999 millis")
      yield* refused(reader)
      assert.strictEqual(entries.length, 1)
      yield* refused({ ...reader, apiKey: makeId("key", 2) })
      assert.strictEqual(entries.length, 2)
      yield* TestClock.adjust(1)
      yield* refused(reader)
      assert.strictEqual(entries.length, 3)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is there once for all processes: they give the entry one id", () =>
    Effect.gen(function* () {
      const { entries, process } = yield* watched
      yield* refusal((yield* process).create(reader, {}))
      yield* TestClock.adjust("30 seconds")
      yield* refusal((yield* process).create(reader, {}))
      assert.strictEqual(new Set(entries.map(({ id }) => id)).size, 1)
      yield* TestClock.adjust("30 seconds")
      yield* refusal((yield* process).create(reader, {}))
      assert.strictEqual(new Set(entries.map(({ id }) => id)).size, 2)
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("is not there when there was no key", () =>
    Effect.gen(function* () {
      const { entries, process } = yield* watched
      yield* refusal((yield* process).create({ ...reader, apiKey: null }, {}))
      assert.deepStrictEqual(entries, [])
    }).pipe(Effect.provide(layerTest))
  )
})

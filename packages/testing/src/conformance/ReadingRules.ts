/** Rules of `SessionStore.load` and `SessionStore.history`: what is found, and when it is not. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { at, makeId } from "../Factories.ts"
import { day, freshTenant, key, makeWorld, same } from "./World.ts"
import type { SuiteIt } from "./World.ts"

const nothing = { session: null, record: null, eventRevision: null }

/** A load has three parts, each found or `null` by itself. */
export const loadRules = (it: SuiteIt) =>
  describe("load", () => {
    it.effect("finds nothing where nothing is", () =>
      Effect.gen(function* () {
        const { load } = yield* makeWorld
        same(yield* load({ session: makeId("ses", 1), key: key("k"), event: makeId("evt", 1) }), nothing)
      })
    )

    it.effect("looks for a record and for an event only when asked to", () =>
      Effect.gen(function* () {
        const { given, load, record, session } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1)) })
        same(yield* load({ session: one.id }), { ...nothing, session: one })
      })
    )

    it.effect("finds each part by itself", () =>
      Effect.gen(function* () {
        const { change, commit, given, load, record, session } = yield* makeWorld
        const claim = record("k", makeId("ses", 1))
        const one = yield* given(session(1), { record: claim })
        const update = change(one)
        yield* commit(update)
        const happened = update.events[0]?.id ?? null
        // The record of another session's creation.
        same(yield* load({ session: makeId("ses", 2), key: key("k"), event: happened }), { ...nothing, record: claim })
        const missed = yield* load({ session: one.id, key: key("another"), event: makeId("evt", 999) })
        same(missed, { ...nothing, session: update.next })
        assert.strictEqual((yield* load({ session: one.id, event: happened })).eventRevision, 2)
      })
    )

    it.effect.each([
      [day - 1, true],
      [day, false],
      [day + 1, false]
    ] as const)("of a record that expires after a day, after %s ms: there is %s", ([now, found]) =>
      Effect.gen(function* () {
        const { given, held, record, session } = yield* makeWorld
        yield* given(session(1), { record: record("k", makeId("ses", 1)) })
        assert.strictEqual((yield* held("k", now)) !== null, found)
      })
    )

    it.effect("shows the session as it is stored, a lapse not applied", () =>
      Effect.gen(function* () {
        const { given, load, session } = yield* makeWorld
        const one = yield* given(session(1, { tokenExpiresAt: at(10) }))
        same((yield* load({ session: one.id, now: at(1_000) })).session, one)
      })
    )
  })

/** The history of a session is complete and in order. */
export const historyRules = (it: SuiteIt) =>
  describe("history", () => {
    it.effect("is empty for a session that nobody made", () =>
      Effect.gen(function* () {
        const { store, tenant } = yield* makeWorld
        same(yield* store.history(tenant, makeId("ses", 1)), { events: [], audit: [] })
      })
    )

    it.effect("lists the events by revision and the audit entries by id, whatever their order of arrival", () =>
      Effect.gen(function* () {
        const { change, commit, creation, entry, event, session, store, tenant } = yield* makeWorld
        let stored = session(1)
        const audit = [5, 3, 9, 1].map((n) => entry(stored.id, { id: makeId("aud", 1_000 + n) }))
        // Event ids that sort against their revisions, as those of two processes may.
        const ids = [90, 80, 70, 60].map((n) => makeId("evt", n))
        yield* commit(
          creation(stored, {
            audit: audit[0] ?? null,
            events: [{ ...event(stored, "session.created"), id: ids[0] ?? makeId("evt", 0) }]
          })
        )
        for (const n of [1, 2, 3]) {
          const next = { ...stored, revision: stored.revision + 1 }
          const events = [{ ...event(next), id: ids[n] ?? makeId("evt", 0) }]
          yield* commit(change(stored, {}, { audit: audit[n] ?? null, events }))
          stored = next
        }
        yield* commit(creation(session(2)))

        const history = yield* store.history(tenant, stored.id)
        assert.deepStrictEqual(
          history.events.map(({ revision }) => revision),
          [1, 2, 3, 4]
        )
        assert.deepStrictEqual(
          history.events.map(({ id }) => id),
          ids
        )
        same(
          history.audit,
          audit.toSorted((a, b) => (a.id < b.id ? -1 : 1))
        )
      })
    )

    it.effect("keeps what an audit entry says, unknown key and address included", () =>
      Effect.gen(function* () {
        const { commit, entry, given, session, store, tenant, unchanged } = yield* makeWorld
        const one = yield* given(session(1), { audit: null })
        const entries = [
          entry(one.id, { address: null, apiKey: null, action: "redactSession", at: at(1_767_225_600_123) }),
          entry(one.id, { address: "::1", requestId: "req 'quoted' \"twice\" 👍" })
        ]
        for (const audit of entries) yield* commit(unchanged(one, { audit }))
        same((yield* store.history(tenant, one.id)).audit, entries)
      })
    )

    it.effect("is whole however its entries came: with an event, without one, and of an event alone", () =>
      Effect.gen(function* () {
        const { change, commit, event, given, record, session, store, tenant, unchanged } = yield* makeWorld
        const creation = { audit: null }
        const one = yield* given(session(1), creation)
        const outcome = unchanged(one, { record: record("k", one.id) })
        const lapsed = { ...one, status: "expired" as const, revision: 2 }
        const late = { ...lapsed, revision: 3 }
        const both = change(one, late, { events: [event(lapsed, "session.expired"), event(late)] })
        const last = change(late, {}, { audit: null })
        for (const step of [outcome, both, last]) assert.strictEqual(yield* commit(step), "committed")
        // A neighbour's history is its own.
        yield* given(session(2))
        const { audit, events } = yield* store.history(tenant, one.id)
        same(audit, [outcome.audit, both.audit])
        same(events.slice(1), [...both.events, ...last.events])
      })
    )

    it.effect("of no session are the entries that belong to no commit: once per id, and the first one counts", () =>
      Effect.gen(function* () {
        const { as, entry, given, session, store, tenant } = yield* makeWorld
        const first = entry(null)
        yield* store.appendAudit(tenant, first)
        yield* store.appendAudit(tenant, { ...first, action: "again" })
        yield* Effect.forEach([1, 2, 3, 4, 5], (n) => store.appendAudit(tenant, { ...first, requestId: `req_${n}` }), {
          concurrency: "unbounded"
        })
        yield* given(session(1))
        same(yield* store.history(tenant, null), { events: [], audit: [first] })
        // Another tenant's entry of that id is another entry.
        const other = as(yield* freshTenant)
        yield* store.appendAudit(other.tenant, { ...first, action: "theirs" })
        same((yield* store.history(other.tenant, null)).audit, [{ ...first, action: "theirs" }])
      })
    )

    it.effect("a store that works is ready", () =>
      Effect.gen(function* () {
        yield* (yield* makeWorld).store.ready
      })
    )
  })

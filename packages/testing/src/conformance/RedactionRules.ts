/** Rules of a redaction: a commit that also makes tombstones of the session's records. */
import type { IdempotencyRecord } from "@holdfast/core"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { at, makeId } from "../Factories.ts"
import { day, freshTenant, makeWorld, same } from "./World.ts"
import type { SuiteIt } from "./World.ts"

const erased = { externalRef: null, metadata: {}, tags: [], retentionStatus: "redacted" } as const

const tombstone = (record: IdempotencyRecord | null) => record && { ...record, body: null }

/** After a redaction nothing that the session's records held is there. */
export const redactionRules = (it: SuiteIt) =>
  describe("a redaction", () => {
    it.effect("is committed like any change: session, event, audit entry and record", () =>
      Effect.gen(function* () {
        const { change, given, load, record, redact, session, store, stored, tenant } = yield* makeWorld
        const one = yield* given(session(1, { metadata: { name: "Ada" }, externalRef: "ada" }))
        const redaction = change(one, erased, { record: record("r", one.id, { operation: "redactSession" }) })
        assert.strictEqual(yield* redact(redaction), "committed")
        const loaded = yield* load({
          session: one.id,
          key: redaction.record?.key ?? null,
          event: redaction.events[0]?.id ?? null
        })
        same(loaded, { session: null, record: redaction.record, eventRevision: 2 })
        same(yield* stored(one.id), redaction.next)
        same((yield* store.history(tenant, one.id)).audit.at(-1), redaction.audit)
      })
    )

    it.effect("leaves of every other record of the session key, operation, session and expiry, and nothing else", () =>
      Effect.gen(function* () {
        const { change, given, held, record, redact, session, store, tenant, unchanged } = yield* makeWorld
        const one = yield* given(session(1), {
          record: record("create", makeId("ses", 1), { operation: "createSession" })
        })
        const names = Array.from({ length: 20 }, (_, n) => `update-${n}`)
        for (const name of names) yield* store.commit([unchanged(one, { record: record(name, one.id) })])
        const before = yield* Effect.forEach(["create", ...names], (name) => held(name))
        assert.strictEqual(yield* redact(change(one, erased, { record: record("r", one.id) })), "committed")
        same(yield* Effect.forEach(["create", ...names], (name) => held(name)), before.map(tombstone))
        assert.isNotNull((yield* held("r"))?.body)
        // Later commits, and a second redaction, know them as tombstones.
        const redacted = { ...one, ...erased, revision: 2 }
        assert.strictEqual(
          (yield* store.commit([{ ...unchanged(redacted), tenant, record: record("create", one.id) }]))[0],
          "duplicate"
        )
      })
    )

    it.effect("erases records that have expired and were not swept, too", () =>
      Effect.gen(function* () {
        const { change, given, held, record, redact, session } = yield* makeWorld
        const one = yield* given(session(1), { record: record("old", makeId("ses", 1)) })
        const redaction = change(one, erased, {
          now: at(2 * day),
          record: record("r", one.id, { createdAt: at(2 * day) })
        })
        assert.strictEqual(yield* redact(redaction), "committed")
        // Looked at as it was before it expired.
        assert.isNull((yield* held("old", 0))?.body)
      })
    )

    it.effect("erases them all, whatever came between them and whenever they expire", () =>
      Effect.gen(function* () {
        const { change, commit, event, given, held, record, redact, session, store, tenant, unchanged } =
          yield* makeWorld
        const first = yield* given(session(1), { record: record("0", makeId("ses", 1)) })
        let stored = first
        // Clocks of several processes, of which some are days behind: as they expire is not as they were made.
        for (const [n, days] of [5, 1, 9, 0, 9, 2, 30, 1, 3].entries()) {
          const now = at(days * day)
          const claim = record(`${n + 1}`, first.id, { createdAt: now })
          assert.strictEqual(yield* commit(unchanged(stored, { now, record: claim })), "committed")
          const lapsed = { ...stored, revision: stored.revision + 1 }
          const next = { ...lapsed, revision: lapsed.revision + 1 }
          const twice = { events: [event(lapsed, "session.expired"), event(next)], audit: null }
          assert.strictEqual(yield* commit(change(stored, next, twice)), "committed")
          stored = next
        }
        // Swept are those that expire first: "0", "4", "2" and "8".
        assert.strictEqual(yield* store.sweep(tenant, at(2 * day), 100), 4)
        assert.strictEqual(yield* redact(change(stored, erased)), "committed")
        for (const name of ["1", "3", "5", "6", "7", "9"]) {
          const left = yield* held(name)
          assert.isNotNull(left, name)
          assert.isNull(left.body, name)
        }
        assert.strictEqual((yield* store.history(tenant, first.id)).events.length, 1 + 2 * 9 + 1)
      })
    )

    it.effect("touches no record of another session or of another tenant", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const other = world.as(yield* freshTenant)
        const id = makeId("ses", 1)
        const one = yield* world.given(world.session(1), { record: world.record("mine", id) })
        yield* world.given(world.session(2), { record: world.record("neighbour", makeId("ses", 2)) })
        yield* other.given(other.session(1), { record: other.record("mine", id) })
        yield* world.redact(world.change(one, erased))
        assert.isNull((yield* world.held("mine"))?.body)
        assert.isNotNull((yield* world.held("neighbour"))?.body)
        assert.isNotNull((yield* other.held("mine"))?.body)
        same(yield* other.stored(id), other.session(1))
      })
    )

    it.effect("needs no key of its own", () =>
      Effect.gen(function* () {
        const { change, given, held, record, redact, session, stored } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1)) })
        const redaction = change(one, erased)
        assert.strictEqual(yield* redact(redaction), "committed")
        same(yield* stored(one.id), redaction.next)
        assert.isNull((yield* held("k"))?.body)
      })
    )

    it.effect("that is stale, or a duplicate, erases nothing", () =>
      Effect.gen(function* () {
        const { change, everything, given, held, record, redact, session } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1)) })
        yield* given(session(2), { record: record("taken", makeId("ses", 2)) })
        const [before, holder] = [yield* everything(one.id), yield* held("k")]
        assert.strictEqual(yield* redact(change({ ...one, revision: 2 }, erased)), "stale")
        assert.strictEqual(yield* redact(change(one, erased, { record: record("taken", one.id) })), "duplicate")
        same(yield* everything(one.id), before)
        same(yield* held("k"), holder)
        assert.isNotNull((yield* held("taken"))?.body)
      })
    )

    it.effect("leaves no outcome behind that slips in beside it", () =>
      Effect.gen(function* () {
        const { change, commit, given, held, record, redact, session, unchanged } = yield* makeWorld
        const rounds = Array.from({ length: 20 }, (_, n) => n)
        yield* Effect.forEach(
          rounds,
          Effect.fnUntraced(function* (n) {
            const one = yield* given(session(n))
            const outcomes = [0, 1, 2].map((k) => commit(unchanged(one, { record: record(`k-${n}-${k}`, one.id) })))
            const [first, ...rest] = outcomes
            yield* Effect.all([first ?? Effect.void, redact(change(one, erased)), ...rest], {
              concurrency: "unbounded"
            })
          }),
          { concurrency: 4 }
        )
        for (const n of rounds) {
          // Each outcome came before the redaction and is a tombstone, or was refused.
          for (const k of [0, 1, 2]) assert.isNull((yield* held(`k-${n}-${k}`))?.body ?? null)
        }
      })
    )
  })

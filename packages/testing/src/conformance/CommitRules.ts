/** Rules of `SessionStore.commit` for one change: the guard by revision, and the claim on the idempotency key. */
import { assert, describe } from "@effect/vitest"
import type { Session } from "@holdfast/core"
import { Effect } from "effect"
import { at, makeId } from "../Factories.ts"
import { day, key, makeWorld, same } from "./World.ts"
import type { SuiteIt } from "./World.ts"

/** A commit is guarded by the revision that was decided upon. */
export const revisionRules = (it: SuiteIt) =>
  describe("the guard by revision", () => {
    it.effect("a creation stores the session, its event, its audit entry and its record", () =>
      Effect.gen(function* () {
        const { commit, creation, load, record, session, store, stored, tenant } = yield* makeWorld
        const first = session(1, { externalRef: "user-42", metadata: { tier: "gold" } })
        const change = creation(first, { record: record("k", first.id) })
        assert.strictEqual(yield* commit(change), "committed")

        const loaded = yield* load({ session: first.id, key: key("k"), event: change.events[0]?.id ?? null })
        same(loaded, { session: null, record: change.record, eventRevision: 1 })
        same(yield* stored(first.id), first)
        same(yield* store.history(tenant, first.id), { events: change.events, audit: [change.audit] })
      })
    )

    it.effect("a creation of a session that exists is stale", () =>
      Effect.gen(function* () {
        const { commit, creation, everything, given, session } = yield* makeWorld
        const { id } = yield* given(session(1, { externalRef: "first" }))
        const before = yield* everything(id)
        assert.strictEqual(yield* commit(creation(session(1, { externalRef: "second" }))), "stale")
        same(yield* everything(id), before)
      })
    )

    it.effect("a change of the loaded revision replaces the session whole", () =>
      Effect.gen(function* () {
        const { change, commit, given, session, stored } = yield* makeWorld
        const first = yield* given(session(1, { metadata: { a: 1, b: 2 }, tags: ["x"] }))
        const update = change(first, { metadata: { b: 3 }, tags: [], updatedAt: at(5) })
        assert.strictEqual(yield* commit(update), "committed")
        same(yield* stored(first.id), update.next)
      })
    )

    it.effect("a change of another revision, older or newer, is stale", () =>
      Effect.gen(function* () {
        const { change, commit, everything, given, session } = yield* makeWorld
        const first = yield* given(session(1))
        const second = { ...first, revision: 2, externalRef: "second" }
        assert.strictEqual(yield* commit(change(first, { externalRef: "second" })), "committed")
        const before = yield* everything(first.id)
        assert.strictEqual(yield* commit(change(first, { externalRef: "late" })), "stale")
        assert.strictEqual(yield* commit(change({ ...second, revision: 3 }, { externalRef: "early" })), "stale")
        same(yield* everything(first.id), before)
      })
    )

    it.effect("a change of a session that does not exist is stale", () =>
      Effect.gen(function* () {
        const { change, commit, everything, session } = yield* makeWorld
        assert.strictEqual(yield* commit(change(session(1))), "stale")
        same(yield* everything(makeId("ses", 1)), {
          session: null,
          record: null,
          eventRevision: null,
          events: [],
          audit: []
        })
      })
    )

    it.effect("the revision is checked when the session is left as it is, too", () =>
      Effect.gen(function* () {
        const { change, commit, given, held, record, session, unchanged } = yield* makeWorld
        const first = yield* given(session(1))
        yield* commit(change(first))
        const late = unchanged(first, { record: record("late", first.id) })
        assert.strictEqual(yield* commit(late), "stale")
        assert.isNull(yield* held("late"))
        const absent = unchanged(session(2), { record: record("absent", makeId("ses", 2)) })
        assert.strictEqual(yield* commit(absent), "stale")
        assert.isNull(yield* held("absent"))
      })
    )

    it.effect("a commit that leaves the session as it is stores its record and its audit entry, and no more", () =>
      Effect.gen(function* () {
        const { commit, given, held, record, session, store, stored, tenant, unchanged } = yield* makeWorld
        const first = yield* given(session(1))
        const before = yield* store.history(tenant, first.id)
        const outcome = unchanged(first, { record: record("k", first.id) })
        assert.strictEqual(yield* commit(outcome), "committed")
        same(yield* stored(first.id), first)
        same(yield* held("k"), outcome.record)
        same(yield* store.history(tenant, first.id), { ...before, audit: [...before.audit, outcome.audit] })
      })
    )

    it.effect("one commit may take two revisions, each with its event: a lapse, and a change after it", () =>
      Effect.gen(function* () {
        const { change, commit, event, given, load, session, stored } = yield* makeWorld
        const first = yield* given(session(1))
        const lapsed = { ...first, status: "expired" as const, revision: 2 }
        const next = { ...lapsed, externalRef: "late", revision: 3 }
        const [expired, updated] = [event(lapsed, "session.expired"), event(next)]
        const events = [expired, updated]
        assert.strictEqual(yield* commit(change(first, next, { events })), "committed")
        same(yield* stored(first.id), next)
        assert.strictEqual((yield* load({ session: first.id, event: expired.id })).eventRevision, 2)
        assert.strictEqual((yield* load({ session: first.id, event: updated.id })).eventRevision, 3)
      })
    )

    it.effect("what is stale leaves nothing behind: no session, event, audit entry or claim", () =>
      Effect.gen(function* () {
        const { change, commit, everything, given, held, record, session } = yield* makeWorld
        const first = yield* given(session(1))
        yield* commit(change(first))
        const before = yield* everything(first.id)
        const late = change(first, { externalRef: "late" }, { record: record("k", first.id) })
        assert.strictEqual(yield* commit(late), "stale")
        same(yield* everything(first.id), before)
        assert.isNull(yield* held("k"))
        const again = { ...first, revision: 2 }
        assert.strictEqual(yield* commit(change(again, {}, { record: record("k", first.id) })), "committed")
      })
    )

    it.effect("of many commits upon one revision exactly one is committed", () =>
      Effect.gen(function* () {
        const { change, commit, given, session, store, stored, tenant } = yield* makeWorld
        const first = yield* given(session(1))
        const changes = Array.from({ length: 50 }, (_, n) => change(first, { externalRef: `writer ${n}` }))
        const results = yield* Effect.forEach(changes, commit, { concurrency: "unbounded" })
        assert.strictEqual(results.filter((result) => result === "committed").length, 1)
        assert.strictEqual(results.filter((result) => result === "stale").length, 49)
        same(yield* stored(first.id), changes[results.indexOf("committed")]?.next)
        assert.strictEqual((yield* store.history(tenant, first.id)).events.length, 2)
      })
    )
  })

/** A key is claimed by one commit, and free again when its record has expired. */
export const claimRules = (it: SuiteIt) =>
  describe("the claim on the key", () => {
    it.effect("a key that is held is a duplicate, whichever session and operation wants it", () =>
      Effect.gen(function* () {
        const { change, commit, creation, given, held, record, session, unchanged } = yield* makeWorld
        const [one, two] = [yield* given(session(1)), yield* given(session(2))]
        const holder = change(one, {}, { record: record("k", one.id) })
        assert.strictEqual(yield* commit(holder), "committed")

        const wantedBy = ({ id }: Session) => ({ record: record("k", id, { operation: "redactSession" }) })
        const three = session(3)
        assert.strictEqual(yield* commit(change(two, {}, wantedBy(two))), "duplicate")
        assert.strictEqual(yield* commit(unchanged(two, wantedBy(two))), "duplicate")
        assert.strictEqual(yield* commit(creation(three, wantedBy(three))), "duplicate")
        same(yield* held("k"), holder.record)
      })
    )

    it.effect("what is a duplicate leaves nothing behind: no session, event or audit entry", () =>
      Effect.gen(function* () {
        const { change, commit, creation, everything, given, record, session, stored } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1)) })
        const before = yield* everything(one.id)
        const second = change(one, { externalRef: "second" }, { record: record("k", one.id) })
        assert.strictEqual(yield* commit(second), "duplicate")
        same(yield* everything(one.id), before)
        const other = session(2)
        assert.strictEqual(yield* commit(creation(other, { record: record("k", other.id) })), "duplicate")
        assert.isNull(yield* stored(other.id))
      })
    )

    it.effect("a commit that is both stale and a duplicate is refused", () =>
      Effect.gen(function* () {
        const { change, commit, everything, given, held, record, session } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1)) })
        yield* commit(change(one))
        const [before, holder] = [yield* everything(one.id), yield* held("k")]
        const result = yield* commit(change(one, { externalRef: "x" }, { record: record("k", one.id) }))
        assert.notStrictEqual(result, "committed")
        same(yield* everything(one.id), before)
        same(yield* held("k"), holder)
      })
    )

    it.effect("keys are told apart by every character", () =>
      Effect.gen(function* () {
        const { commit, given, held, record, session, unchanged } = yield* makeWorld
        const one = yield* given(session(1))
        const names = ["k", "K", "k.", "k%", "k_", "'k'", '"k"', "\\k", "k".repeat(255)]
        for (const name of names) {
          assert.strictEqual(yield* commit(unchanged(one, { record: record(name, one.id) })), "committed", name)
        }
        for (const name of names) assert.strictEqual((yield* held(name))?.key, name)
      })
    )

    it.effect.each([
      [day - 1, "duplicate"],
      [day, "committed"],
      [day + 1, "committed"]
    ] as const)("a record that expires after a day: a claim after %s ms is %s", ([millis, expected]) =>
      Effect.gen(function* () {
        const { change, commit, given, held, record, session } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1)) })
        const now = at(millis)
        const later = change(one, {}, { now, record: record("k", one.id, { createdAt: now, operation: "later" }) })
        assert.strictEqual(yield* commit(later), expected)
        const holder = yield* held("k", day - 1)
        assert.strictEqual(holder?.operation, expected === "committed" ? "later" : "updateSession")
        if (expected === "committed") same(holder, later.record)
      })
    )

    it.effect("a record is found in place of the session until it expires", () =>
      Effect.gen(function* () {
        const { given, load, record, session } = yield* makeWorld
        const first = record("k", makeId("ses", 1))
        const one = yield* given(session(1), { record: first })
        const found = (now: number) => load({ session: one.id, key: key("k"), now: at(now) })
        same(yield* found(day - 1), { session: null, record: first, eventRevision: null })
        same(yield* found(day), { session: one, record: null, eventRevision: null })
      })
    )

    it.effect("a tombstone holds its key until it expires, and then gives way to a whole record", () =>
      Effect.gen(function* () {
        const { commit, given, held, record, session, unchanged } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1), { body: null }) })
        assert.isNull((yield* held("k"))?.body)
        assert.strictEqual(yield* commit(unchanged(one, { record: record("k", one.id) })), "duplicate")
        const fresh = record("k", one.id, { createdAt: at(day) })
        assert.strictEqual(yield* commit(unchanged(one, { now: at(day), record: fresh })), "committed")
        same(yield* held("k", day), fresh)
      })
    )

    it.effect("of many commits that want one key exactly one is committed", () =>
      Effect.gen(function* () {
        const { change, commit, given, held, record, session, stored } = yield* makeWorld
        const sessions = yield* Effect.forEach(
          Array.from({ length: 30 }, (_, n) => session(n)),
          (one) => given(one)
        )
        const changes = sessions.map((one) => change(one, { externalRef: "won" }, { record: record("k", one.id) }))
        const results = yield* Effect.forEach(changes, commit, { concurrency: "unbounded" })
        assert.strictEqual(results.filter((result) => result === "committed").length, 1)
        assert.strictEqual(results.filter((result) => result === "duplicate").length, 29)
        same(yield* held("k"), changes[results.indexOf("committed")]?.record)
        const after = yield* Effect.forEach(sessions, ({ id }) => stored(id))
        assert.strictEqual(after.filter((one) => one?.externalRef === "won").length, 1)
      })
    )
  })

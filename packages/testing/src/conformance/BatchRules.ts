/** Rules of `SessionStore.commit` for several changes at once: each is committed or refused by itself. */
import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { at, makeId } from "../Factories.ts"
import { day, freshTenant, makeWorld, same } from "./World.ts"
import type { SuiteIt } from "./World.ts"

/** A batch is nothing but its members. */
export const batchRules = (it: SuiteIt) =>
  describe("a batch", () => {
    it.effect("answers in the order of its members, and none fails its neighbours", () =>
      Effect.gen(function* () {
        const { change, creation, given, held, record, session, store, stored, unchanged } = yield* makeWorld
        const one = yield* given(session(1), { record: record("held", makeId("ses", 1)) })
        const two = yield* given(session(2))
        const three = yield* given(session(3))
        const results = yield* store.commit([
          creation(session(9), { record: record("nine", makeId("ses", 9)) }),
          change({ ...two, revision: 7 }, {}, { record: record("stale", two.id) }),
          change(one, { externalRef: "changed" }, { record: record("one", one.id) }),
          change(three, { externalRef: "refused" }, { record: record("held", three.id) }),
          creation(session(8)),
          unchanged(session(7))
        ])
        assert.deepStrictEqual(results, ["committed", "stale", "committed", "duplicate", "committed", "stale"])
        assert.strictEqual((yield* stored(makeId("ses", 9)))?.revision, 1)
        assert.strictEqual((yield* stored(makeId("ses", 8)))?.revision, 1)
        assert.strictEqual((yield* stored(one.id))?.externalRef, "changed")
        same(yield* stored(two.id), two)
        same(yield* stored(three.id), three)
        assert.isNull(yield* stored(makeId("ses", 7)))
        assert.isNotNull(yield* held("nine"))
        assert.isNotNull(yield* held("one"))
        assert.isNull(yield* held("stale"))
      })
    )

    it.effect("may be as large as 64 members", () =>
      Effect.gen(function* () {
        const { change, creation, record, session, store, stored } = yield* makeWorld
        const sessions = Array.from({ length: 64 }, (_, n) => session(n, { metadata: { n } }))
        const [head, ...rest] = sessions.map((one) => creation(one, { record: record(`create-${one.id}`, one.id) }))
        assert.isDefined(head)
        assert.deepStrictEqual(new Set(yield* store.commit([head, ...rest])), new Set(["committed"]))
        // Shuffled, so that no order of the ids is of help.
        const [first, ...others] = sessions
          .toSorted((a, b) => (a.id.at(-1) ?? "").localeCompare(b.id.at(-1) ?? ""))
          .map((one) => change(one, { externalRef: one.id }, { record: record(`update-${one.id}`, one.id) }))
        assert.isDefined(first)
        assert.deepStrictEqual(new Set(yield* store.commit([first, ...others])), new Set(["committed"]))
        for (const { id } of sessions) assert.strictEqual((yield* stored(id))?.externalRef, id)
      })
    )

    it.effect("judges each member at the member's own time", () =>
      Effect.gen(function* () {
        const { given, held, record, session, store, unchanged } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k1", makeId("ses", 1)) })
        const two = yield* given(session(2), { record: record("k2", makeId("ses", 2)) })
        const claim = (stored: typeof one, name: string, millis: number) =>
          unchanged(stored, { now: at(millis), record: record(name, stored.id, { createdAt: at(millis) }) })
        assert.deepStrictEqual(yield* store.commit([claim(one, "k1", day - 1), claim(two, "k2", day)]), [
          "duplicate",
          "committed"
        ])
        same((yield* held("k1", 0))?.createdAt, at(0))
        same((yield* held("k2", day))?.createdAt, at(day))
      })
    )

    it.effect("may hold the same session id and the same key of two tenants", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const other = world.as(yield* freshTenant)
        const commits = [world, other].map(({ creation, record, session, tenant }) =>
          creation(session(1, { externalRef: tenant.organization }), { record: record("k", makeId("ses", 1)) })
        )
        const [mine, theirs] = commits
        assert.isDefined(mine)
        assert.isDefined(theirs)
        assert.deepStrictEqual(yield* world.store.commit([mine, theirs]), ["committed", "committed"])
        same(yield* world.stored(makeId("ses", 1)), mine.next)
        same(yield* other.stored(makeId("ses", 1)), theirs.next)
        same(yield* world.held("k"), mine.record)
        same(yield* other.held("k"), theirs.record)
      })
    )

    it.effect("that holds a session twice is a defect, and nothing is written", () =>
      Effect.gen(function* () {
        const { change, creation, given, session, store, stored } = yield* makeWorld
        const one = yield* given(session(1))
        const batch = [
          creation(session(2)),
          change(one, { externalRef: "a" }),
          change(one, { externalRef: "b" })
        ] as const
        assertDefect(yield* Effect.exit(store.commit(batch)))
        same(yield* stored(one.id), one)
        assert.isNull(yield* stored(makeId("ses", 2)))
        assert.deepStrictEqual(yield* store.commit([change(one)]), ["committed"])
      })
    )

    it.effect(
      "in which a record has no audit entry, or is about another session, is a defect, and nothing is written",
      () =>
        Effect.gen(function* () {
          const { creation, held, record, session, store, stored } = yield* makeWorld
          const one = session(1)
          const claim = { record: record("k", one.id) }
          const elsewhere = { record: record("k", makeId("ses", 2)) }
          for (const broken of [creation(one, { ...claim, audit: null }), creation(one, elsewhere)]) {
            assertDefect(yield* Effect.exit(store.commit([broken])))
          }
          assert.isNull(yield* stored(one.id))
          assert.isNull(yield* held("k"))
          assert.deepStrictEqual(yield* store.commit([creation(one, claim)]), ["committed"])
        })
    )

    it.effect("that holds a key twice is a defect, and nothing is written", () =>
      Effect.gen(function* () {
        const { creation, held, record, session, store, stored } = yield* makeWorld
        const batch = [1, 2].map((n) => creation(session(n), { record: record("k", makeId("ses", n)) }))
        const [one, two] = batch
        assert.isDefined(one)
        assert.isDefined(two)
        assertDefect(yield* Effect.exit(store.commit([one, two])))
        assert.isNull(yield* stored(makeId("ses", 1)))
        assert.isNull(yield* held("k"))
        assert.deepStrictEqual(yield* store.commit([one]), ["committed"])
      })
    )

    it.effect("overlapping batches, each in another order, commit each session and each key once", () =>
      Effect.gen(function* () {
        const { change, given, held, record, session, store, tenant } = yield* makeWorld
        const sessions = yield* Effect.forEach(
          Array.from({ length: 16 }, (_, n) => session(n)),
          (one) => given(one)
        )
        const batches = Array.from({ length: 12 }, (_, writer) =>
          sessions.map((_, n) => {
            // Steps that share no factor with 16 visit every session, in an order of the writer's own.
            const stored = sessions[(n * (2 * writer + 1) + writer) % 16] ?? assert.fail("no such session")
            return change(stored, { externalRef: `${writer}` }, { record: record(`key-of-${stored.id}`, stored.id) })
          })
        )
        const results = yield* Effect.forEach(
          batches,
          ([head, ...rest]) => store.commit([head ?? assert.fail("an empty batch"), ...rest]),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(results.flat().filter((result) => result === "committed").length, 16)
        for (const { id } of sessions) {
          assert.strictEqual((yield* store.history(tenant, id)).events.length, 2)
          assert.strictEqual((yield* held(`key-of-${id}`))?.session, id)
        }
      })
    )
  })

const assertDefect = (exit: Exit.Exit<unknown, unknown>): void =>
  assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause), "expected a defect")

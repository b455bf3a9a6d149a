/** Rules of `SessionStore.exclusively`: a look, a decision and a commit that nobody comes between. */
import type { Commit, Loaded, Session } from "@holdfast/core"
import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { at, makeId } from "../Factories.ts"
import { key, makeWorld, same } from "./World.ts"
import type { SuiteIt, World } from "./World.ts"

/** Does it again for as long as others were faster, as the engine does. */
const exclusively = (
  { store, tenant }: World,
  session: Session["id"],
  decide: (loaded: Loaded) => Effect.Effect<Commit | null, string>
) =>
  Effect.repeat(store.exclusively({ tenant, session, key: null, event: null, now: at(0) }, decide), {
    until: (result) => result !== "stale"
  })

/** What `exclusively` adds to a load and a commit. */
export const exclusiveRules = (it: SuiteIt) =>
  describe("a change that holds the session", () => {
    it.effect("sees what a load sees", () =>
      Effect.gen(function* () {
        const { given, load, record, session, store, tenant } = yield* makeWorld
        const one = yield* given(session(1), { record: record("k", makeId("ses", 1)) })
        const request = { tenant, session: one.id, key: key("k"), event: null, now: at(0) }
        let seen: Loaded | undefined
        const decide = (loaded: Loaded) => Effect.sync(() => ((seen = loaded), null))
        assert.isNull(yield* store.exclusively(request, decide))
        same(seen, yield* load(request))
      })
    )

    it.effect("is committed whole", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const one = yield* world.given(world.session(1))
        const change = world.change(one, { externalRef: "a" }, { record: world.record("k", one.id) })
        assert.strictEqual(yield* exclusively(world, one.id, () => Effect.succeed(change)), "committed")
        same(yield* world.stored(one.id), change.next)
        same(yield* world.held("k"), change.record)
        assert.strictEqual((yield* world.store.history(world.tenant, one.id)).events.length, 2)
      })
    )

    it.effect("is a defect when its record comes without an audit entry, and nothing is written", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const one = yield* world.given(world.session(1))
        const before = yield* world.everything(one.id)
        const broken = world.change(one, {}, { record: world.record("k", one.id), audit: null })
        const exit = yield* Effect.exit(exclusively(world, one.id, () => Effect.succeed(broken)))
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
        same(yield* world.everything(one.id), before)
        assert.isNull(yield* world.held("k"))
      })
    )

    it.effect("is guarded like any other: by the revision, and by the key", () =>
      Effect.gen(function* () {
        const { change, everything, given, record, session, store, tenant } = yield* makeWorld
        const one = yield* given(session(1), { record: record("taken", makeId("ses", 1)) })
        const before = yield* everything(one.id)
        const request = { tenant, session: one.id, key: null, event: null, now: at(0) }
        const late = change({ ...one, revision: 2 })
        assert.strictEqual(yield* store.exclusively(request, () => Effect.succeed(late)), "stale")
        const second = change(one, {}, { record: record("taken", one.id) })
        assert.strictEqual(yield* store.exclusively(request, () => Effect.succeed(second)), "duplicate")
        same(yield* everything(one.id), before)
      })
    )

    it.effect(
      "writes nothing, and holds nothing afterwards, when nothing is to be done or the decision is a refusal",
      () =>
        Effect.gen(function* () {
          const world = yield* makeWorld
          const one = yield* world.given(world.session(1))
          const before = yield* world.everything(one.id)
          assert.isNull(yield* exclusively(world, one.id, () => Effect.succeed(null)))
          assert.strictEqual(yield* Effect.flip(exclusively(world, one.id, () => Effect.fail("refused"))), "refused")
          same(yield* world.everything(one.id), before)
          assert.strictEqual(yield* world.commit(world.change(one)), "committed")
        })
    )

    it.effect("has the session of nobody else's change in between: every one of many adds up", () =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const { id } = yield* world.given(world.session(1, { metadata: { count: 0 } }))
        const increment = ({ session }: Loaded) =>
          session === null
            ? Effect.fail("no session")
            : Effect.as(
                Effect.yieldNow,
                world.change(session, { metadata: { count: Number(session.metadata["count"]) + 1 } })
              )
        const results = yield* Effect.replicateEffect(exclusively(world, id, increment), 12, {
          concurrency: "unbounded"
        })
        assert.isTrue(results.every((result) => result === "committed"))
        same((yield* world.stored(id))?.metadata, { count: 12 })
      })
    )
  })

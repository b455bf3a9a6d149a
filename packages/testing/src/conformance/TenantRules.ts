/** Every method of the store is bound to a tenant: what belongs to another does not exist. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { at, makeId } from "../Factories.ts"
import { day, freshTenant, key, makeWorld, same } from "./World.ts"
import type { SuiteIt } from "./World.ts"

const foreign = Effect.gen(function* () {
  const world = yield* makeWorld
  const stranger = yield* freshTenant
  return {
    world,
    // The other environment of the same organization, and an environment of the same id elsewhere.
    others: [
      world.as({ ...world.tenant, environment: stranger.environment }),
      world.as({ ...world.tenant, organization: stranger.organization })
    ]
  }
})

/** Two tenants share nothing but the database. */
export const tenantRules = (it: SuiteIt) =>
  describe("another organization or environment", () => {
    it.effect("finds no session, no record, no event and no history", () =>
      Effect.gen(function* () {
        const { others, world } = yield* foreign
        const id = makeId("ses", 1)
        const creation = world.creation(world.session(1, { externalRef: "mine" }), { record: world.record("k", id) })
        yield* world.commit(creation)
        for (const other of others) {
          const loaded = yield* other.load({ session: id, key: key("k"), event: creation.events[0]?.id ?? null })
          same(loaded, { session: null, record: null, eventRevision: null })
          same(yield* world.store.history(other.tenant, id), { events: [], audit: [] })
          for (const externalRef of [null, "mine"]) {
            const request = {
              externalRef,
              status: null,
              direction: "older",
              from: null,
              limit: 10,
              now: at(0)
            } as const
            same(yield* world.store.list({ tenant: other.tenant, ...request }), [])
          }
        }
      })
    )

    it.effect("changes nothing by committing or redacting", () =>
      Effect.gen(function* () {
        const { others, world } = yield* foreign
        const one = yield* world.given(world.session(1), { record: world.record("k", makeId("ses", 1)) })
        const before = yield* world.everything(one.id)
        for (const other of others) {
          assert.strictEqual(yield* other.commit(other.change(one, { externalRef: "theirs" })), "stale")
          assert.strictEqual(yield* other.commit(other.unchanged(one)), "stale")
          assert.strictEqual(yield* other.redact(other.change(one, { retentionStatus: "redacted" })), "stale")
        }
        same(yield* world.everything(one.id), before)
        assert.isNotNull((yield* world.held("k"))?.body)
      })
    )

    it.effect("may have a session, a key, events and entries of the same ids, and each changes its own", () =>
      Effect.gen(function* () {
        const { others, world } = yield* foreign
        const all = [world, ...others]
        const id = makeId("ses", 1)
        const [event, entry] = [makeId("evt", 7), makeId("aud", 7)]
        for (const [n, each] of all.entries()) {
          const one = each.session(1, { externalRef: `tenant ${n}` })
          const creation = each.creation(one, {
            events: [{ ...each.event(one, "session.created"), id: event }],
            audit: each.entry(id, { id: entry, action: `tenant ${n}` }),
            record: each.record("k", id, { operation: `tenant ${n}` })
          })
          assert.strictEqual(yield* each.commit(creation), "committed")
        }
        for (const [n, each] of all.entries()) {
          const stored = yield* each.stored(id)
          assert.strictEqual(stored?.externalRef, `tenant ${n}`)
          assert.strictEqual((yield* each.held("k"))?.operation, `tenant ${n}`)
          const history = yield* each.store.history(each.tenant, id)
          assert.deepStrictEqual(
            history.events.map((one) => one.id),
            [event]
          )
          assert.deepStrictEqual(
            history.audit.map((one) => one.action),
            [`tenant ${n}`]
          )
        }
      })
    )

    it.effect("is not swept and is not listed as lapsed", () =>
      Effect.gen(function* () {
        const { others, world } = yield* foreign
        yield* world.given(world.session(1), { record: world.record("k", makeId("ses", 1)) })
        for (const { store, tenant } of others) {
          same(yield* store.lapsed(tenant, at(2 * day), 10), [])
          assert.strictEqual(yield* store.sweep(tenant, at(2 * day), 10), 0)
        }
        assert.isNotNull(yield* world.held("k"))
        assert.strictEqual((yield* world.store.lapsed(world.tenant, at(2 * day), 10)).length, 1)
      })
    )
  })

import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import type { OrganizationSlug, Tenant } from "../src/domain/Tenant.ts"
import { IdGenerator } from "../src/IdGenerator.ts"
import { ApiKeyStore } from "../src/store/ApiKeyStore.ts"
import { layerMemory } from "../src/store/MemoryStore.ts"
import { SessionStore, StoreError } from "../src/store/SessionStore.ts"
import { Sweeper, SweeperSettings } from "../src/Sweeper.ts"
import {
  idempotencyKey,
  later,
  makeCommit,
  makeSession,
  now,
  organization,
  sessionId,
  tenant
} from "./StoreFixtures.ts"

const other = { ...organization, slug: "globex" as OrganizationSlug }
const tenants: ReadonlyArray<Tenant> = [
  tenant,
  { organization: organization.slug, environment: organization.live },
  { organization: other.slug, environment: other.sandbox }
]

/** Stores in memory with two organizations, at the time of the fixtures. The sweeper sees them changed as told. */
const setUp = (
  change: (store: SessionStore["Service"]) => Partial<SessionStore["Service"]> = () => ({}),
  changeKeys: Partial<ApiKeyStore["Service"]> = {}
) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(DateTime.toEpochMillis(now))
    const stores = yield* Layer.build(layerMemory)
    const keys = Context.get(stores, ApiKeyStore)
    const sessions = Context.get(stores, SessionStore)
    yield* keys.ensureOrganization(organization)
    yield* keys.ensureOrganization(other)
    const given = Context.make(SessionStore, { ...sessions, ...change(sessions) }).pipe(
      Context.add(ApiKeyStore, { ...keys, ...changeKeys })
    )
    const start = Layer.build(Sweeper.layer).pipe(
      Effect.map((built) => Context.get(built, Sweeper)),
      Effect.provide(IdGenerator.layer),
      Effect.provideContext(given)
    )
    return { sessions, start }
  })

const load = (store: SessionStore["Service"], of: Tenant, key: string | null = null) =>
  store.load({ tenant: of, session: sessionId(1), key: key === null ? null : idempotencyKey(key), event: null, now })

describe("a sweep", () => {
  it.effect("deletes records from the millisecond in which they expire, whoever owns them", () =>
    Effect.gen(function* () {
      const { sessions, start } = yield* setUp()
      const sweeper = yield* start
      for (const owner of tenants)
        yield* sessions.commit([{ ...makeCommit(makeSession(1), { key: "k" }), tenant: owner }])

      yield* TestClock.setTime(DateTime.toEpochMillis(later("24 hours")) - 1)
      assert.strictEqual((yield* sweeper.sweep).records, 0)
      for (const owner of tenants) assert.isNotNull((yield* load(sessions, owner, "k")).record)

      yield* TestClock.adjust(1)
      yield* sweeper.sweep
      for (const owner of tenants) assert.isNull((yield* load(sessions, owner, "k")).record)
    }).pipe(Effect.provideService(SweeperSettings, { interval: Duration.hours(1), batch: 1 }))
  )

  it.effect("writes down a lapse as everybody saw it: at the token's end, with its event", () =>
    Effect.gen(function* () {
      const { sessions, start } = yield* setUp()
      yield* sessions.commit([makeCommit(makeSession(1))])
      yield* TestClock.adjust("1 hour")
      const sweeper = yield* start

      assert.deepStrictEqual(yield* sweeper.sweep, { records: 0, sessions: 1 })
      const { session } = yield* load(sessions, tenant)
      assert.deepInclude(session, { status: "expired", revision: 2, updatedAt: later("20 minutes") })
      const { audit, events } = yield* sessions.history(tenant, sessionId(1))
      assert.deepInclude(events.at(-1), {
        session: sessionId(1),
        revision: 2,
        type: "session.expired",
        changed: ["status"],
        at: later("20 minutes")
      })
      assert.strictEqual(audit.length, 1)
      assert.deepStrictEqual(yield* sweeper.sweep, { records: 0, sessions: 0 })
    })
  )

  it.effect("goes on until nothing is left, in batches", () =>
    Effect.gen(function* () {
      const sizes: Array<number> = []
      const { sessions, start } = yield* setUp((store) => ({
        commit: (batch) => {
          sizes.push(batch.length)
          return store.commit(batch)
        }
      }))
      for (let n = 0; n < 150; n++) yield* sessions.commit([makeCommit(makeSession(n), { key: `key-${n}` })])
      yield* TestClock.adjust("25 hours")
      const sweeper = yield* start
      assert.deepStrictEqual(yield* sweeper.sweep, { records: 150, sessions: 150 })
      assert.deepStrictEqual(sizes, [64, 64, 22])
    }).pipe(Effect.provideService(SweeperSettings, { interval: Duration.hours(1), batch: 40 }))
  )

  it.effect("leaves a session alone that somebody changed in the meantime", () =>
    Effect.gen(function* () {
      const resumed = makeSession(1, { revision: 2, tokenExpiresAt: later("3 hours") })
      const { sessions, start } = yield* setUp((store) => ({
        commit: (batch) => Effect.andThen(store.commit([makeCommit(resumed)]), store.commit(batch))
      }))
      yield* sessions.commit([makeCommit(makeSession(1))])
      yield* TestClock.adjust("1 hour")
      const sweeper = yield* start
      assert.deepStrictEqual(yield* sweeper.sweep, { records: 0, sessions: 0 })
      assert.deepStrictEqual((yield* load(sessions, tenant)).session, resumed)
    })
  )

  it.effect("goes on to the next tenant, and to the next time, when the store fails", () =>
    Effect.gen(function* () {
      let broken = true
      const failed = new StoreError({ outcome: "not_applied", cause: new Error("no") })
      const { sessions, start } = yield* setUp((store) => ({
        commit: (batch) => (broken && batch[0].tenant === tenants[0] ? Effect.fail(failed) : store.commit(batch)),
        sweep: (...request) => (broken ? Effect.fail(failed) : store.sweep(...request)),
        lapsed: (owner, ...rest) =>
          broken && owner.organization === tenant.organization ? Effect.fail(failed) : store.lapsed(owner, ...rest)
      }))
      for (const owner of tenants)
        yield* sessions.commit([{ ...makeCommit(makeSession(1), { key: "k" }), tenant: owner }])
      yield* TestClock.adjust("25 hours")
      const sweeper = yield* start
      assert.deepStrictEqual(yield* sweeper.sweep, { records: 0, sessions: 1 })
      broken = false
      assert.deepStrictEqual(yield* sweeper.sweep, { records: 3, sessions: 2 })
    })
  )
})

describe("the sweeper", () => {
  it.effect("sweeps when it starts and once a minute, and survives a store that is down", () =>
    Effect.gen(function* () {
      let asked = 0
      const organizations = Effect.suspend(() => {
        asked++
        return Effect.fail(new StoreError({ outcome: "not_applied", cause: new Error("down") }))
      })
      const { start } = yield* setUp(undefined, { organizations })
      yield* start
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(asked, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(asked, 2)
      yield* TestClock.adjust("3 minutes")
      assert.strictEqual(asked, 5)
    })
  )

  it.effect("survives a store with a bug, and says of neither what was in the way but its kind", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.make((entry) => void lines.push(inspect(entry, { depth: 20 })))
      let asked = 0
      const sweep = Effect.suspend(() =>
        ++asked === 1
          ? Effect.die(new Error("canary-bug"))
          : Effect.fail(new StoreError({ outcome: "not_applied", cause: { code: "22001", detail: "canary-row" } }))
      )
      const { start } = yield* setUp(() => ({ sweep: () => sweep }))
      yield* Effect.provide(start, Logger.layer([logger]))
      yield* TestClock.adjust("1 minute")
      assert.isAbove(asked, 1)
      assert.isTrue(lines.some((line) => line.includes("22001")))
      assert.isFalse(lines.some((line) => line.includes("canary-row")))
    })
  )

  it.effect("stops with its layer", () =>
    Effect.gen(function* () {
      const { sessions, start } = yield* setUp()
      yield* Effect.scoped(start)
      yield* sessions.commit([makeCommit(makeSession(1))])
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* load(sessions, tenant)).session?.status, "pending")
    })
  )
})

/**
 * The sweeper: deletes idempotency records that have expired, and writes down the lapses that nothing else has (contract §3,
 * §6). What callers see does not depend on it: a record that has expired is ignored and a session that has lapsed is
 * `expired`, swept or not. It keeps the store small, and sees to it that `session.expired` happens.
 *
 * Several may run on one store. A lapse is guarded by the revision that was read, like every change.
 */
import { Array as Arr, Context, DateTime, Duration, Effect, Layer, Schedule } from "effect"
import { tenantOf } from "./ApiKeys.ts"
import { logDefect } from "./Defect.ts"
import { lapse, lapseEvent } from "./domain/Lapse.ts"
import { EnvironmentKind } from "./domain/Tenant.ts"
import type { Tenant } from "./domain/Tenant.ts"
import { IdGenerator } from "./IdGenerator.ts"
import { describe } from "./internal/Available.ts"
import { ApiKeyStore } from "./store/ApiKeyStore.ts"
import { SessionStore } from "./store/SessionStore.ts"
import type { Commit, StoreError } from "./store/SessionStore.ts"

/** Settings of the sweeper. */
export const SweeperSettings = Context.Reference<{
  /** Pause between two sweeps. */
  readonly interval: Duration.Duration
  /** At most this many records are deleted at once. */
  readonly batch: number
}>("@holdfast/core/SweeperSettings", {
  defaultValue: () => ({ interval: Duration.minutes(1), batch: 1_000 })
})

/** What a sweep did. */
export interface Swept {
  /** Idempotency records deleted. */
  readonly records: number
  /** Sessions whose lapse was written down. */
  readonly sessions: number
}

/** So many lapses are committed together: as many as a commit may hold. */
const maxCommitted = 64

/**
 * Sweeps: once when its layer is built, then at every interval for as long as the layer lives.
 *
 * @example
 * const Maintenance = Sweeper.layer.pipe(Layer.provide(IdGenerator.layer), Layer.provide(Stores))
 */
export class Sweeper extends Context.Service<
  Sweeper,
  {
    /**
     * One sweep now, through every organization and both its environments. What the store cannot do is logged and left
     * for the next time.
     */
    readonly sweep: Effect.Effect<Swept>
  }
>()("@holdfast/core/Sweeper") {
  /** A sweeper of the stores given, with the {@link SweeperSettings}. */
  static readonly layer: Layer.Layer<Sweeper, never, SessionStore | ApiKeyStore | IdGenerator> = Layer.effect(
    Sweeper,
    Effect.gen(function* () {
      const store = yield* SessionStore
      const { organizations } = yield* ApiKeyStore
      const ids = yield* IdGenerator
      const { batch, interval } = yield* SweeperSettings

      const deleteRecords = Effect.fnUntraced(function* (tenant: Tenant) {
        return yield* store.sweep(tenant, yield* DateTime.now, batch)
      })

      const expireSessions = Effect.fnUntraced(function* (tenant: Tenant) {
        const now = yield* DateTime.now
        const lapsed = yield* store.lapsed(tenant, now, maxCommitted)
        if (!Arr.isReadonlyArrayNonEmpty(lapsed)) return 0
        const changes = yield* Effect.forEach(lapsed, (session) =>
          Effect.map(ids.next("evt"), (id): Commit => {
            const { id: name, revision: expected } = session
            const next = lapse(session, now)
            return {
              tenant,
              session: name,
              expected,
              next,
              events: [lapseEvent(id, next)],
              audit: null,
              record: null,
              erases: false,
              now
            }
          })
        )
        const results = yield* Effect.uninterruptible(store.commit(changes))
        return results.filter((result) => result === "committed").length
      })

      /** Takes a step until there is nothing more to do; how much it was in all. */
      const exhaust = Effect.fnUntraced(function* (
        tenant: Tenant,
        step: (tenant: Tenant) => Effect.Effect<number, StoreError>
      ) {
        let total = 0
        let done: number
        do {
          done = yield* Effect.catch(step(tenant), (error) =>
            Effect.as(
              Effect.annotateLogs(Effect.logWarning("A sweep was cut short"), { ...tenant, ...describe(error) }),
              0
            )
          )
          total += done
        } while (done > 0)
        return total
      })

      const sweep = Effect.gen(function* () {
        const swept = { records: 0, sessions: 0 }
        const found = yield* Effect.catch(organizations, (error) =>
          Effect.as(Effect.annotateLogs(Effect.logWarning("A sweep was skipped"), describe(error)), [])
        )
        for (const organization of found) {
          for (const kind of EnvironmentKind.literals) {
            const tenant = tenantOf(organization, kind)
            swept.records += yield* exhaust(tenant, deleteRecords)
            swept.sessions += yield* exhaust(tenant, expireSessions)
          }
        }
        return swept
      }).pipe(Effect.withSpan("Sweeper.sweep"))

      const safely = Effect.catchDefect(sweep, (defect) => logDefect(defect, "sweep"))
      yield* Effect.forkScoped(Effect.repeat(safely, Schedule.spaced(interval)))
      return Sweeper.of({ sweep })
    })
  )
}

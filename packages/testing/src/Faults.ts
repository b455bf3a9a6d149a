/**
 * Faults: a store that misbehaves on command. It decorates a real store, so that what a test sees is the library against a
 * database that fails, loses an answer, stalls or is always too late, and never a mock's idea of one.
 *
 * Nothing here sleeps: a stall is a rendezvous, in which the test learns that the call has arrived and says when it goes on.
 */
import { ApiKeyStore, SessionStore, StoreError } from "@holdfast/core"
import { Context, Deferred, Effect, Layer } from "effect"
import type { Stores } from "./Layers.ts"

type SessionMethod = keyof SessionStore["Service"]
type ApiKeyMethod = keyof ApiKeyStore["Service"]

/** A method of one of the stores, such as `sessions.commit` or `apiKeys.find`. */
export type StoreMethod = `sessions.${SessionMethod}` | `apiKeys.${ApiKeyMethod}`

/**
 * What becomes of a call. `call` is what the real store would do, and has not begun; `tooLate` is what `commit` and
 * `exclusively` answer, doing nothing, when somebody else was faster (of other methods it is the call itself).
 */
export type Fault = <A, E>(
  call: Effect.Effect<A, E | StoreError>,
  tooLate: Effect.Effect<A, E | StoreError>
) => Effect.Effect<A, E | StoreError>

const failure = (outcome: StoreError["outcome"]) =>
  Effect.fail(new StoreError({ outcome, cause: new Error("A fault was injected") }))

/** The call fails before anything is applied, and the store says so. */
export const refuse: Fault = () => failure("not_applied")

/** The call is applied, and its answer is lost. */
export const loseAnswer: Fault = (call) => Effect.andThen(call, failure("unknown"))

/** The call never arrives, and nobody can tell. */
export const loseCall: Fault = () => failure("unknown")

/** Somebody else was faster: the commit is stale. */
export const beTooLate: Fault = (_, tooLate) => tooLate

/** The store has a bug. */
export const crash: Fault = () => Effect.die(new Error("A bug was injected"))

/** Something else happens first, such as another process's write. */
export const after =
  (effect: Effect.Effect<unknown>, then: Fault = (call) => call): Fault =>
  (call, tooLate) =>
    Effect.andThen(effect, then(call, tooLate))

/** A call that waits in the store for the test. */
export interface Stall {
  /** Give this to {@link Faults}. */
  readonly fault: Fault
  /** Completes when the call has arrived. */
  readonly arrived: Effect.Effect<void>
  /** Lets the call go on. */
  readonly release: Effect.Effect<void>
}

/**
 * A rendezvous. The call waits, and then does what `then` says: as it should, unless given.
 *
 * @example
 * const stall = yield* Faults.makeStall()
 * yield* faults.next("sessions.commit", stall.fault)
 * const update = yield* Effect.forkChild(sessions.update(caller, request))
 * yield* stall.arrived
 * // … the commit is under way …
 * yield* stall.release
 */
export const makeStall = (then: Fault = (call) => call): Effect.Effect<Stall> =>
  Effect.sync(() => {
    const arrival = Deferred.makeUnsafe<void>()
    const leave = Deferred.makeUnsafe<void>()
    return {
      fault: (call, tooLate) =>
        Deferred.succeed(arrival, undefined).pipe(
          Effect.andThen(Deferred.await(leave)),
          Effect.andThen(then(call, tooLate))
        ),
      arrived: Deferred.await(arrival),
      release: Effect.asVoid(Deferred.succeed(leave, undefined))
    }
  })

/** Says what is to go wrong. */
export class Faults extends Context.Service<
  Faults,
  {
    /** What happens to the next calls of a method, one after the other. Later calls are not touched. */
    readonly next: (method: StoreMethod, ...faults: ReadonlyArray<Fault>) => Effect.Effect<void>
    /** What happens to every call of a method, or to all calls of all methods, until {@link clear}; `next` comes first. */
    readonly always: (fault: Fault, method?: StoreMethod) => Effect.Effect<void>
    /** Nothing goes wrong any more. Calls that stall stay where they are. */
    readonly clear: Effect.Effect<void>
    /** How often a method was called since the layer was built. */
    readonly calls: (method: StoreMethod) => Effect.Effect<number>
  }
>()("@holdfast/testing/Faults") {}

const makeFaults = () => {
  const queued = new Map<StoreMethod, Array<Fault>>()
  const standing = new Map<StoreMethod | "all", Fault>()
  const counts = new Map<StoreMethod, number>()

  const faults: Faults["Service"] = {
    next: (method, ...more) => Effect.sync(() => void queued.set(method, [...(queued.get(method) ?? []), ...more])),
    always: (fault, method) => Effect.sync(() => void standing.set(method ?? "all", fault)),
    clear: Effect.sync(() => {
      queued.clear()
      standing.clear()
    }),
    calls: (method) => Effect.sync(() => counts.get(method) ?? 0)
  }

  const through = <A, E>(
    method: StoreMethod,
    call: Effect.Effect<A, E | StoreError>,
    tooLate: Effect.Effect<A, E | StoreError> = call
  ): Effect.Effect<A, E | StoreError> =>
    Effect.suspend(() => {
      counts.set(method, (counts.get(method) ?? 0) + 1)
      const fault = queued.get(method)?.shift() ?? standing.get(method) ?? standing.get("all")
      return fault === undefined ? call : fault(call, tooLate)
    })

  return { faults, through }
}

/**
 * A store layer whose store does what {@link Faults} say.
 *
 * @example
 * const layer = layerOver(layerFaulty(layerMemory))
 */
export const layerFaulty = <E, R>(stores: Layer.Layer<Stores, E, R>): Layer.Layer<Stores | Faults, E, R> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const apiKeys = yield* ApiKeyStore
      const { faults, through } = makeFaults()
      return Context.make(Faults, faults).pipe(
        Context.add(SessionStore, {
          load: (request) => through("sessions.load", sessions.load(request)),
          commit: (batch) =>
            through("sessions.commit", sessions.commit(batch), Effect.succeed(batch.map(() => "stale" as const))),
          exclusively: (request, decide) =>
            through("sessions.exclusively", sessions.exclusively(request, decide), Effect.succeed("stale" as const)),
          list: (request) => through("sessions.list", sessions.list(request)),
          page: (request) => through("sessions.page", sessions.page(request)),
          history: (tenant, session) => through("sessions.history", sessions.history(tenant, session)),
          appendAudit: (tenant, entry) => through("sessions.appendAudit", sessions.appendAudit(tenant, entry)),
          lapsed: (tenant, now, limit) => through("sessions.lapsed", sessions.lapsed(tenant, now, limit)),
          sweep: (tenant, now, limit) => through("sessions.sweep", sessions.sweep(tenant, now, limit)),
          ready: through("sessions.ready", sessions.ready)
        }),
        Context.add(ApiKeyStore, {
          organizations: through("apiKeys.organizations", apiKeys.organizations),
          findOrganization: (slug) => through("apiKeys.findOrganization", apiKeys.findOrganization(slug)),
          ensureOrganization: (organization) =>
            through("apiKeys.ensureOrganization", apiKeys.ensureOrganization(organization)),
          insert: (key) => through("apiKeys.insert", apiKeys.insert(key)),
          find: (id) => through("apiKeys.find", apiKeys.find(id)),
          list: (tenant) => through("apiKeys.list", apiKeys.list(tenant)),
          rotate: (tenant, id, secret, until) => through("apiKeys.rotate", apiKeys.rotate(tenant, id, secret, until)),
          revoke: (tenant, id, at) => through("apiKeys.revoke", apiKeys.revoke(tenant, id, at)),
          touch: (tenant, id, at) => through("apiKeys.touch", apiKeys.touch(tenant, id, at))
        })
      )
    })
  ).pipe(Layer.provide(stores))

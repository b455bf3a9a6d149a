/**
 * Cluster: processes on one store. Each has services of its own and its own way to the store; each can die at any moment, and
 * another is started in its place.
 *
 * A process that dies is not interrupted and cleans up nothing: it is cut off. Its clients get no answer, and what it still
 * does reaches nobody.
 */
import { CaptureSettings, IdGenerator, Keyring, Sessions, Sweeper, SweeperSettings, Unavailable } from "@holdfast/core"
import type { SessionStore } from "@holdfast/core"
import { Context, Deferred, Duration, Effect, Exit, Layer, Scope } from "effect"
import { Faults, layerFaulty } from "../Faults.ts"
import type { Stores } from "../Layers.ts"
import { through, travel } from "./Weather.ts"
import type { Weather } from "./Weather.ts"

/** What a process serves, over the store that it is given. */
export type Server = Layer.Layer<Sessions, never, SessionStore | Keyring | IdGenerator>

/** A process, as its clients know it. */
export interface Process {
  /** Requests over the network. They end `Unavailable` when the process dies. */
  readonly sessions: Sessions["Service"]
  readonly sweep: Effect.Effect<unknown>
  readonly kill: Effect.Effect<void>
}

/** Starts a process. */
export const startProcess = Effect.fnUntraced(function* (
  server: Server,
  weather: Weather,
  /** How long the sessions' tokens live, in milliseconds. */
  tokenLifetime: number
): Effect.fn.Return<Process, never, Stores | Keyring | IdGenerator> {
  const pending = new Set<() => void>()
  let alive = true
  const stores = Layer.succeedContext(yield* Effect.context<Stores>())
  const others = Layer.merge(Layer.succeed(Keyring, yield* Keyring), Layer.succeed(IdGenerator, yield* IdGenerator))
  const capture = Layer.succeed(CaptureSettings, {
    publicUrl: "http://127.0.0.1",
    tokenLifetime: Duration.millis(tokenLifetime)
  })
  const sweeper = Layer.provide(
    Sweeper.layer,
    Layer.succeed(SweeperSettings, { interval: Duration.days(1_000), batch: 2 })
  )
  const layer = Layer.merge(server, sweeper).pipe(
    Layer.provideMerge(Layer.mergeAll(layerFaulty(stores), others, capture))
  )
  // Never closed: a process that dies has no time to.
  const context = yield* Layer.buildWithScope(Layer.fresh(layer), yield* Scope.make())
  const faults = Context.get(context, Faults)
  const isAlive = () => alive
  yield* faults.always(through(weather, isAlive, false))
  yield* faults.always(through(weather, isAlive, true), "sessions.commit")

  const serve = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E | Unavailable> =>
    Effect.gen(function* () {
      yield* travel(weather)
      if (!alive) return yield* gone
      const answer = Deferred.makeUnsafe<A, E | Unavailable>()
      const lose = () => Deferred.doneUnsafe(answer, Exit.fail(new Unavailable({ retryAfter: 1 })))
      pending.add(lose)
      const fiber = yield* Effect.forkDetach(
        Effect.onExit(call, (exit) => {
          pending.delete(lose)
          return Deferred.done(answer, exit)
        })
      )
      const answered = yield* Effect.onInterrupt(Deferred.await(answer), () =>
        Effect.sync(() => fiber.interruptUnsafe())
      )
      yield* travel(weather)
      return answered
    })

  const sessions = Context.get(context, Sessions)
  return {
    sessions: {
      ...sessions,
      create: (caller, request) => serve(sessions.create(caller, request)),
      update: (caller, request) => serve(sessions.update(caller, request)),
      redact: (caller, request) => serve(sessions.redact(caller, request))
    },
    sweep: Effect.suspend(() => (alive ? Context.get(context, Sweeper).sweep : Effect.void)),
    kill: Effect.sync(() => {
      alive = false
      for (const lose of pending) lose()
    })
  }
})

const gone = Effect.fail(new Unavailable({ retryAfter: 1 }))

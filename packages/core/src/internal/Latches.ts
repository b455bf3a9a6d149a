/**
 * Latches by name: work under one name runs one after the other, in the order it came; work under other names does not wait.
 * Both the queue and the wait are bounded, so that one hot session cannot hold all the memory or all the patience.
 */
import { Deferred, Effect, Exit, HashMap, Option } from "effect"
import type { Duration } from "effect"
import { Unavailable } from "../Errors.ts"

/** Most work that may queue under one name. */
const maxQueue = 1_000

/** A place in the queue. `granted` is set, once and for good, by whoever passes the turn on. */
interface Place {
  granted: boolean
  readonly turn: Deferred.Deferred<void>
}

/**
 * A set of latches. `hold(name, work)` fails with `Unavailable` when the queue is full, or when the turn has not come after
 * `maxWait`.
 */
export const makeLatches = (maxWait: Duration.Duration) => {
  /** Those who wait, by name; there is an entry for as long as somebody has the turn. */
  let queues = HashMap.empty<string, Array<Place>>() // not a `Map`, as in `Runs`
  const busy = Effect.fail(new Unavailable({ retryAfter: 1 }))

  const pass = (name: string, queue: Array<Place>) =>
    Effect.sync(() => {
      const next = queue.shift()
      if (next === undefined) {
        queues = HashMap.remove(queues, name)
      } else {
        next.granted = true
        Deferred.doneUnsafe(next.turn, Exit.void)
      }
    })

  return {
    hold: <A, E, R>(name: string, work: Effect.Effect<A, E, R>): Effect.Effect<A, E | Unavailable, R> =>
      Effect.uninterruptibleMask((restore) => {
        const use = (queue: Array<Place>) => Effect.ensuring(restore(work), pass(name, queue))
        const queue = Option.getOrUndefined(HashMap.get(queues, name))
        if (queue === undefined) {
          const own: Array<Place> = []
          queues = HashMap.set(queues, name, own)
          return use(own)
        }
        if (queue.length >= maxQueue) return busy
        const place: Place = { granted: false, turn: Deferred.makeUnsafe() }
        queue.push(place)
        const wait = Effect.timeoutOrElse(Deferred.await(place.turn), { duration: maxWait, orElse: () => busy })
        return Effect.flatMap(Effect.exit(restore(wait)), (waited): Effect.Effect<A, E | Unavailable, R> => {
          if (Exit.isSuccess(waited)) return use(queue)
          // The turn may have come at the very moment in which the patience ended.
          if (place.granted) return Effect.andThen(pass(name, queue), Effect.failCause(waited.cause))
          queue.splice(queue.indexOf(place), 1)
          return Effect.failCause(waited.cause)
        })
      })
  }
}

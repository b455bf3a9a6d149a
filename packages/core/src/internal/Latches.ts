/**
 * Latches by name: work under one name runs one after the other, in the order it came; work under other names does not wait.
 * Both the queue and the wait are bounded, so that one hot session cannot hold all the memory or all the patience.
 */
import { Duration, Effect, Semaphore } from "effect"
import { Unavailable } from "../Errors.ts"

/** Longest wait for a turn. */
export const maxWait = Duration.seconds(5)

/** Most work that may queue under one name. */
export const maxQueue = 1_000

interface Latch {
  readonly turn: Semaphore.Semaphore
  users: number
}

/** A set of latches. `hold(name, work)` fails with `Unavailable` when the queue is full or the wait too long. */
export const makeLatches = () => {
  const latches = new Map<string, Latch>()
  const busy = Effect.fail(new Unavailable({ retryAfter: 1 }))

  const enter = (name: string): Latch => {
    let latch = latches.get(name)
    if (latch === undefined) latches.set(name, (latch = { turn: Semaphore.makeUnsafe(1), users: 0 }))
    latch.users++
    return latch
  }

  const leave = (name: string, latch: Latch) =>
    Effect.sync(() => {
      if (--latch.users === 0) latches.delete(name)
    })

  const hold = <A, E, R>(name: string, work: Effect.Effect<A, E, R>): Effect.Effect<A, E | Unavailable, R> =>
    Effect.uninterruptibleMask((restore) => {
      const latch = enter(name)
      if (latch.users > maxQueue) return Effect.andThen(leave(name, latch), busy)
      const turn =
        latch.users === 1
          ? latch.turn.take(1)
          : restore(Effect.timeoutOrElse(latch.turn.take(1), { duration: maxWait, orElse: () => busy }))
      return turn.pipe(
        Effect.flatMap(() => Effect.ensuring(restore(work), latch.turn.release(1))),
        Effect.ensuring(leave(name, latch))
      )
    })

  return { hold }
}

/**
 * Timeline: runs an Effect on a clock and a scheduler of its own, to the end, before it returns.
 *
 * Whenever several fibers could go on, chance says which; when none can, the clock is put forward to the next one that
 * sleeps. So a day passes in no time, no two seeds interleave alike, and one seed always does the same. Nothing may leave the
 * thread: what waits for a promise, a timer or a socket waits forever, and that is reported.
 */
import { Cause, Clock, Duration, Effect, Exit } from "effect"
import type { Scheduler } from "effect"
import type { Chance } from "./Chance.ts"

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** Far more than any simulation needs. */
const maxSteps = 10_000_000

/** Runs `program` to its end. The clock starts at 1970. Throws if the program fails, or waits for what never comes. */
export const runTimeline = <A, E>(chance: Chance, program: Effect.Effect<A, E>): A => {
  const ready: Array<() => void> = []
  const sleepers: Array<Sleeper> = []
  let now = 0
  // How much a fiber does before others may go on: anything, as anything may be where it has to stop.
  let budget = 500

  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    shouldYield: (fiber) => {
      if (fiber.currentOpCount < budget) return false
      budget = 30 + chance.below(500)
      return true
    },
    makeDispatcher: () => ({ scheduleTask: (task) => void ready.push(task), flush: () => {} })
  }
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => now,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    monotonicTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    sleep: (duration) =>
      Effect.callback<void>((resume) => {
        const sleeper: Sleeper = {
          until: now + Math.max(0, Math.ceil(Duration.toMillis(duration))),
          wake: () => resume(Effect.void)
        }
        sleepers.splice(placeOf(sleepers, sleeper.until), 0, sleeper)
        return Effect.sync(() => {
          const place = sleepers.indexOf(sleeper)
          if (place !== -1) sleepers.splice(place, 1)
        })
      })
  }

  const fiber = Effect.runFork(Effect.provideService(program, Clock.Clock, clock), { scheduler })
  let exit: Exit.Exit<A, E> | undefined
  for (let steps = 0; (exit = fiber.pollUnsafe()) === undefined; steps++) {
    if (steps > maxSteps) throw new Error("The simulation does not come to an end")
    const task = take(ready, chance)
    if (task !== undefined) {
      task()
      continue
    }
    const sleeper = sleepers.pop()
    if (sleeper === undefined) throw new Error("The simulation waits for something that never comes")
    now = sleeper.until
    sleeper.wake()
  }
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  return exit.value
}

/** Any of them, and one fewer: the last takes its place. */
const take = (ready: Array<() => void>, chance: Chance): (() => void) | undefined => {
  if (ready.length < 2) return ready.pop()
  const place = chance.below(ready.length)
  const task = ready[place]
  const last = ready.pop()
  if (last !== undefined && place < ready.length) ready[place] = last
  return task
}

/** Sleepers are in the order of their times, the first to wake at the end; of two at one time the earlier is first. */
const placeOf = (sleepers: ReadonlyArray<Sleeper>, until: number): number => {
  let low = 0
  let high = sleepers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sleepers[middle]?.until ?? 0) > until) low = middle + 1
    else high = middle
  }
  return low
}

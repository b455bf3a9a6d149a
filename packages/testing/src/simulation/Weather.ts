/**
 * Weather: what the way between a process and its store does to a call. It takes time or none, and sometimes it refuses, stalls,
 * loses the call or its answer, delivers it when nobody waits any more, or says that somebody else was faster.
 */
import { Effect } from "effect"
import * as Faults from "../Faults.ts"
import type { Fault } from "../Faults.ts"
import type { Chance } from "./Chance.ts"

/** The weather, and whether it is calm: then calls take time, and that is all. */
export interface Weather {
  readonly chance: Chance
  calm: boolean
}

/** A stretch of the way: most are short enough for nobody to notice, some let others go first, a few are long. */
export const travel = ({ calm, chance }: Weather): Effect.Effect<void> => {
  const luck = chance.next()
  if (luck < 0.2) return Effect.void
  if (luck < 0.5) return Effect.yieldNow
  return Effect.sleep(luck < 0.97 || calm ? 1 + chance.below(20) : 500 + chance.below(3_500))
}

/** The call arrives, and is applied, when its answer was long given up. */
const comeLate =
  (weather: Weather): Fault =>
  (call) =>
    Effect.sleep(weather.chance.below(8_000)).pipe(
      Effect.andThen(call),
      Effect.forkDetach,
      Effect.andThen(Faults.loseCall(call, call))
    )

/** A fault for every call of one process. What a dead process sent may still arrive; it learns nothing any more. */
export const through =
  (weather: Weather, isAlive: () => boolean, mayComeLate: boolean): Fault =>
  (call, tooLate) =>
    Effect.suspend(() => {
      if (!isAlive()) return Effect.never
      const { calm, chance } = weather
      const luck = calm ? 1 : chance.next()
      const fault: Fault =
        luck < 0.02
          ? Faults.refuse
          : luck < 0.05
            ? Faults.loseAnswer
            : luck < 0.065
              ? Faults.loseCall
              : luck < 0.085
                ? Faults.beTooLate
                : luck < 0.088
                  ? Faults.crash
                  : luck < 0.1 && mayComeLate
                    ? comeLate(weather)
                    : (call) => call
      return travel(weather).pipe(
        Effect.andThen(Effect.exit(fault(call, tooLate))),
        Effect.tap(Effect.suspend(() => travel(weather))),
        Effect.flatMap((exit) => (isAlive() ? exit : Effect.never))
      )
    })

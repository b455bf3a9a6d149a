/** The answer comes before the change is durable: it is committed a little later, if the process still lives. */
import { Effect } from "effect"
import { commitEach, commitOne, revisionOf, serverOver } from "./Broken.ts"

export const earlyAnswer = serverOver((store) => ({
  commit: commitEach(
    Effect.fnUntraced(function* (change) {
      if ((yield* revisionOf(store, change)) !== change.expected) return "stale"
      yield* Effect.forkDetach(Effect.andThen(Effect.sleep(5), commitOne(store, change)))
      return "committed"
    })
  )
}))

/** Where nothing changes, the outcome is stored when there is time, without a look at the revision: also behind a redaction. */
import { Effect } from "effect"
import { commitEach, commitOne, revisionOf, serverOver } from "./Broken.ts"

export const slippedOutcome = serverOver((store) => ({
  commit: commitEach(
    Effect.fnUntraced(function* (change) {
      if (change.next !== null) return yield* commitOne(store, change)
      yield* Effect.sleep(200)
      return yield* commitOne(store, { ...change, expected: yield* revisionOf(store, change) })
    })
  )
}))

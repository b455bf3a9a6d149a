/** The change is committed first, and the outcome under its key in a transaction of its own: what dies between runs again. */
import { Effect } from "effect"
import { commitApart, commitEach, commitOne, serverOver } from "./Broken.ts"

export const separateClaim = serverOver((store) => ({
  commit: commitEach(
    Effect.fnUntraced(function* (change) {
      const result = yield* commitOne(store, { ...change, record: null })
      if (result === "committed" && change.record !== null) {
        yield* commitApart(store, change, { record: change.record })
      }
      return result
    })
  )
}))

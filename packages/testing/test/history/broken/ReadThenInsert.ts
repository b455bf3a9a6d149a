/** The key is looked up, and then inserted: whoever finds it taken between the two goes on without it. */
import { Effect } from "effect"
import { commitEach, commitOne, serverOver } from "./Broken.ts"

export const readThenInsert = serverOver((store) => ({
  commit: commitEach((change) =>
    Effect.filterOrElse(
      commitOne(store, change),
      (result) => result !== "duplicate",
      () => commitOne(store, { ...change, record: null })
    )
  )
}))

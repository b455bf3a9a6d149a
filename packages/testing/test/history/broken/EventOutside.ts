/** The event is written when the change is committed, in a transaction of its own. */
import { Effect } from "effect"
import { commitApart, commitEach, commitOne, serverOver } from "./Broken.ts"

export const eventOutside = serverOver((store) => ({
  commit: commitEach(
    Effect.fnUntraced(function* (change) {
      const result = yield* commitOne(store, { ...change, events: [] })
      if (result === "committed" && change.events.length > 0) {
        yield* commitApart(store, change, { events: change.events })
      }
      return result
    })
  )
}))

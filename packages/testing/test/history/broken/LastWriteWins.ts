/** A change overwrites what came between: the revision is counted, and not compared. */
import { Effect } from "effect"
import { commitEach, commitOne, revisionOf, serverOver } from "./Broken.ts"

export const lastWriteWins = serverOver((store) => ({
  commit: commitEach(
    Effect.fnUntraced(function* (change) {
      const { events, expected, next } = change
      const stored = yield* revisionOf(store, change)
      if (expected === null || next === null || stored === null) return yield* commitOne(store, change)
      const ahead = stored - expected
      return yield* commitOne(store, {
        ...change,
        expected: stored,
        next: { ...next, revision: next.revision + ahead },
        events: events.map(({ revision, ...event }) => Object.assign(event, { revision: revision + ahead }))
      })
    })
  )
}))

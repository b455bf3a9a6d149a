/** A redaction empties the session, and leaves its outcomes where they are. */
import { Effect } from "effect"
import { serverOver } from "./Broken.ts"

export const redactionAlone = serverOver((store) => ({
  exclusively: (request, decide) =>
    store.exclusively(request, (loaded) =>
      Effect.map(decide(loaded), (change) => (change === null ? null : { ...change, erases: false }))
    )
}))

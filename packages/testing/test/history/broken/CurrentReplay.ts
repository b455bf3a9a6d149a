/** A replay shows the session as it is now, and not as it was then. */
import { Effect } from "effect"
import { serverBefore } from "./Broken.ts"

export const currentReplay = serverBefore((sessions) => ({
  update: Effect.fnUntraced(function* (caller, request) {
    const outcome = yield* sessions.update(caller, request)
    return outcome.replayed ? { ...outcome, session: yield* sessions.get(caller, request.id) } : outcome
  })
}))

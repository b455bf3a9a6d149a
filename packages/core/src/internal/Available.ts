/** A store that cannot answer, as callers see it: `Unavailable`, with the cause in the log. */
import { Effect } from "effect"
import { Unavailable } from "../Errors.ts"
import type { StoreError } from "../store/SessionStore.ts"

/** Turns a store's failure into `Unavailable`. */
export const orUnavailable = <A, E>(
  effect: Effect.Effect<A, E | StoreError>
): Effect.Effect<A, Exclude<E, StoreError> | Unavailable> =>
  Effect.catch(effect as Effect.Effect<A, StoreError>, unavailable)

/** Logs the cause and fails with `Unavailable`. */
export const unavailable = (error: StoreError): Effect.Effect<never, Unavailable> =>
  Effect.andThen(
    Effect.logWarning("The store is unavailable", error.cause),
    Effect.fail(new Unavailable({ retryAfter: 1 }))
  )

/** A store that cannot answer, as callers see it: `Unavailable`, with the kind of failure in the log. */
import { Effect, Predicate } from "effect"
import { Unavailable } from "../Errors.ts"
import type { StoreError } from "../store/SessionStore.ts"

/** Turns a store's failure into `Unavailable`. */
export const orUnavailable = <A, E>(
  effect: Effect.Effect<A, E | StoreError>
): Effect.Effect<A, Exclude<E, StoreError> | Unavailable> =>
  Effect.catch(effect as Effect.Effect<A, StoreError>, unavailable)

/** Logs what kind of failure it was, and fails with `Unavailable`. */
export const unavailable = (error: StoreError): Effect.Effect<never, Unavailable> =>
  Effect.andThen(
    Effect.annotateLogs(Effect.logWarning("The store is unavailable"), describe(error)),
    Effect.fail(new Unavailable({ retryAfter: 1 }))
  )

/**
 * What a store's failure was, in words that hold no SQL and no data: a driver's message may quote the values of a row, so only
 * names and codes are taken from it.
 */
export const describe = ({ cause, outcome }: StoreError): { readonly outcome: string; readonly kind: string } => {
  const kinds: Array<string> = []
  for (let error: unknown = cause; Predicate.isObject(error) && kinds.length < 8; error = below(error)) {
    for (const name of ["_tag", "name", "code", "errcode"]) {
      const value = Predicate.hasProperty(error, name) ? error[name] : undefined
      if ((typeof value === "string" || typeof value === "number") && !kinds.includes(String(value))) {
        kinds.push(String(value))
      }
    }
  }
  return { outcome, kind: kinds.join(" ") }
}

const below = (error: object): unknown =>
  Predicate.hasProperty(error, "reason")
    ? error.reason
    : Predicate.hasProperty(error, "cause")
      ? error.cause
      : undefined

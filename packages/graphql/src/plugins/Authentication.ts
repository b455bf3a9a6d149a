/**
 * Who asks. Whatever touches data needs to know; introspection and `__typename` do not, but credentials that come with them
 * are verified all the same. The answers are 401, 429 and 503, without `data`.
 */
import type { Authenticator } from "@holdfast/core"
import { Effect, Result } from "effect"
import { andThen } from "../MaybePromise.ts"
import { refusalOf } from "./Refusal.ts"
import type { Plugin, RequestState } from "./RequestState.ts"

/**
 * Authenticates each request once. Before `execution`, a developer first hears what is wrong with the document and its
 * variables; before `validation`, somebody without a key learns nothing of the schema by trying.
 */
export const useAuthentication = (options: {
  readonly authenticator: Authenticator["Service"]
  readonly before: "validation" | "execution"
}): Plugin => {
  const authenticate = (state: RequestState) => {
    const { address, operation, request, requestId } = state
    const header = (name: string) => request.headers.get(name)
    if (!operation.touchesData && header("x-api-key") === null) return
    const authenticated = Effect.result(options.authenticator.authenticate({ header, address, requestId }))
    return andThen(state.run(authenticated), (identity) => {
      if (Result.isFailure(identity)) throw refusalOf(identity.failure)
      state.caller = { ...identity.success, requestId, address }
    })
  }
  return options.before === "validation"
    ? { onParams: ({ context }) => authenticate(context) }
    : { onExecute: ({ context }) => authenticate(context) }
}

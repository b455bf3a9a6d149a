/** An operation whose client went away is executed no further; what its resolvers already began, `run` interrupts. */
import type { Plugin } from "./RequestState.ts"

/** Tells the executor when the client goes away. */
export const useCancellation = (): Plugin => ({
  onExecute({ args, context }) {
    // The executor's own argument, which GraphQL's type of them does not have.
    Object.assign(args, { signal: context.request.signal })
  }
})

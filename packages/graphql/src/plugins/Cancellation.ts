/** An operation whose client went away is executed no further; what its resolvers already began, `run` interrupts. */
import { Kind } from "graphql"
import type { Plugin } from "./RequestState.ts"

/** Tells the executor when the client goes away, where that would keep it from anything: after a field alone at the root there is none. */
export const useCancellation = (): Plugin => ({
  onExecute({ args, context }) {
    const { selections } = context.operation.definition.selectionSet
    if (selections.length === 1 && selections[0]?.kind === Kind.FIELD) return
    // The executor's own argument, which GraphQL's type of them does not have.
    Object.assign(args, { signal: context.request.signal })
  }
})

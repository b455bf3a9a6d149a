/** The fields of `Query`. What is unknown or foreign is `null`; every other failure is an entry of `errors`. */
import { apiVersions, Scope } from "@holdfast/core"
import type { Caller, SessionPage, Sessions } from "@holdfast/core"
import { Effect } from "effect"
import type { GraphQLContext } from "../Context.ts"
import type { QueryResolvers } from "../generated/resolvers.ts"
import { callerOf } from "./CallerOf.ts"

/** The fields of `Query` over sessions. */
export const makeQuery = (sessions: Sessions["Service"]): QueryResolvers => {
  const session = (id: string, context: GraphQLContext) =>
    context.run(Effect.catchTag(sessions.get(callerOf(context), id), "NotFound", () => Effect.succeed(null)))

  return {
    viewer: (_, __, context) => toViewer(callerOf(context)),
    session: (_, { id }, context) => session(id, context),
    node: (_, { id }, context) => (id.startsWith("ses_") ? session(id, context) : null),
    sessions: (_, page, context) => context.run(Effect.map(sessions.list(callerOf(context), page), toConnection))
  }
}

const toViewer = (caller: Caller) => ({
  organization: caller.organization,
  environment: caller.environment,
  environmentKind: caller.kind,
  scopes: Scope.literals.filter((scope) => caller.scopes.has(scope)),
  version: caller.version ?? apiVersions.current.date,
  inflection: caller.inflection,
  apiKeyId: caller.apiKey
})

const toConnection = ({ edges, hasNextPage, hasPreviousPage }: SessionPage) => ({
  edges: edges.map(({ cursor, session }) => ({ cursor, node: session })),
  pageInfo: {
    hasNextPage,
    hasPreviousPage,
    startCursor: edges.at(0)?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null
  }
})

/**
 * The resolvers: thin translations between the SDL and the library's services. A field that has none is read off the
 * library's own object, whose names are those of the SDL.
 */
import type { Sessions } from "@holdfast/core"
import type { Resolvers } from "../generated/resolvers.ts"
import { makeMutation } from "./Mutation.ts"
import { makeQuery } from "./Query.ts"

/** What the resolvers call. */
export interface ResolverServices {
  readonly sessions: Sessions["Service"]
}

/** The resolvers over these services. */
export const makeResolvers = ({ sessions }: ResolverServices): Resolvers => ({
  Query: makeQuery(sessions),
  Mutation: makeMutation(sessions),
  Node: { __resolveType: () => "Session" },
  Session: { captureUrl: (session) => sessions.captureUrl(session) }
})

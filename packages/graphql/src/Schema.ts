/** The schema that is served: the SDL, with resolvers that call the library's services. */
import { makeExecutableSchema } from "@graphql-tools/schema"
import type { GraphQLSchema } from "graphql"
import type { GraphQLContext } from "./Context.ts"
import { enumValues } from "./Enums.ts"
import { makeResolvers } from "./resolvers/Resolvers.ts"
import type { ResolverServices } from "./resolvers/Resolvers.ts"
import { DateTime } from "./scalars/DateTime.ts"
import { JSONObject } from "./scalars/JSONObject.ts"
import { loadTypeDefs } from "./TypeDefs.ts"

/**
 * The schema over these services. Make it once, where the services are built, and keep it.
 *
 * @example
 * const schema = makeSchema({ sessions: yield* Sessions })
 */
export const makeSchema = (services: ResolverServices): GraphQLSchema => {
  const typeDefs = loadTypeDefs()
  return makeExecutableSchema<GraphQLContext>({
    typeDefs,
    resolvers: [enumValues(typeDefs), { DateTime, JSONObject }, makeResolvers(services)]
  })
}

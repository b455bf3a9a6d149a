/** Bugs, as clients see them: that there was one, and nothing else. `logDefect` of the library says more, in the log. */
import { GraphQLError } from "graphql"

/** What a client is told of a bug. */
export const internalError = (): GraphQLError =>
  new GraphQLError("Something went wrong on our side", { extensions: { code: "INTERNAL_SERVER_ERROR" } })

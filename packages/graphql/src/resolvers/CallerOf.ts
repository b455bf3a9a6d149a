/** Who asks, for the fields that touch data. */
import { Unauthorized } from "@holdfast/core"
import type { Caller } from "@holdfast/core"
import type { GraphQLContext } from "../Context.ts"
import { toGraphQLError } from "../ErrorMapping.ts"

/** The caller of the request; a field that needs one and has none answers `UNAUTHORIZED`. */
export const callerOf = ({ caller }: GraphQLContext): Caller => {
  if (caller === null) throw toGraphQLError(new Unauthorized())
  return caller
}

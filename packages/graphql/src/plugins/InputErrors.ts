/**
 * What is wrong with an input, without the input. GraphQL's own messages end with the rejected value, and those of its scalars
 * and enums quote it; here it is the path and the type that was expected.
 */
import { getNullableType, isInputObjectType, isListType, isScalarType, isSpecifiedScalarType } from "graphql"
import type { GraphQLError, GraphQLInputType } from "graphql"

/** Keys are the client's own; a longer one is cut. */
const maxKeyLength = 128

/**
 * A sentence about an error that `validateInputValue` or `validateInputLiteral` found at `path` below a value of `type`.
 * `what` names that value.
 *
 * @example
 * describeInputError("The variable $input", inputType, ["metadata"], error)
 * // "The variable $input at .metadata: Expected a value of type \"JSONObject\""
 */
export const describeInputError = (
  what: string,
  type: GraphQLInputType,
  path: ReadonlyArray<string | number>,
  error: GraphQLError
): string => {
  const at =
    path.length === 0
      ? ""
      : ` at ${path.map((segment) => (typeof segment === "number" ? `[${segment}]` : `.${segment}`)).join("")}`
  return `${what}${at}: ${sentence(typeAt(type, path), error)}`
}

const sentence = (type: GraphQLInputType, error: GraphQLError): string => {
  const named = getNullableType(type)
  // These are about names and end with the value.
  if (isInputObjectType(named)) return shorten(error.message.replace(/,? found: [^]*$/i, ""))
  const isOwnScalar = isScalarType(named) && !isSpecifiedScalarType(named)
  // Our own scalars repeat no value; what GraphQL says in their name does.
  if (isOwnScalar && !error.message.startsWith("Expected ")) return error.message
  return `Expected a value of type "${type.toString()}"`
}

const shorten = (message: string): string =>
  message.replace(/(?<=unknown field ")[^]*(?="$)/, (name) =>
    name.length > maxKeyLength ? `${name.slice(0, maxKeyLength).toWellFormed()}…` : name
  )

const typeAt = (type: GraphQLInputType, path: ReadonlyArray<string | number>): GraphQLInputType =>
  path.reduce<GraphQLInputType>((outer, segment) => {
    const type = getNullableType(outer)
    if (isListType(type)) return type.ofType
    return isInputObjectType(type) ? (type.getFields()[segment]?.type ?? type) : type
  }, type)

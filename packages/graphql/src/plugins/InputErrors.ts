/**
 * What is wrong with an input, without the input. GraphQL's own messages end with the rejected value, and those of its scalars
 * and enums quote it; here it is the path and the type that was expected.
 */
import { getNullableType, isInputObjectType, isListType, isScalarType, isSpecifiedScalarType } from "graphql"
import type { GraphQLError, GraphQLInputObjectType, GraphQLInputType } from "graphql"

/** Keys and names are the client's own; a longer one is cut. */
const maxNameLength = 128

/** A key or a name of the client's, at most 128 characters of it. */
export const cut = (name: string): string =>
  name.length > maxNameLength ? `${name.slice(0, maxNameLength).toWellFormed()}…` : name

/** A message of GraphQL's about a document, with every name in it cut to 128 characters. */
export const cutNames = (message: string): string => message.replace(/\w{129,}/g, cut)

/** What is said of a value that is not of its type. */
export const expected = (type: GraphQLInputType): string => `Expected a value of type "${type.toString()}"`

/** What is said of a field that an input object does not have: also which it has. */
export const unknownField = (type: GraphQLInputObjectType, name: string): string => {
  const known = Object.keys(type.getFields()).join(", ")
  return `Expected value of type "${type.name}" not to include unknown field "${cut(name)}"; it has: ${known}`
}

/**
 * A sentence about an error that `validateInputLiteral` found at `path` below a value of `type`.
 * `what` names that value.
 *
 * @example
 * describeInputError("The argument \"input\"", inputType, ["externalRef"], error)
 * // "The argument \"input\" at .externalRef: Expected a value of type \"String\""
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
  if (isInputObjectType(named)) {
    const unknown = /^Expected value of type "\w+" not to include unknown field "(\w+)"/.exec(error.message)?.[1]
    // The others are about names, too, and end with the value.
    return unknown === undefined ? error.message.replace(/,? found: [^]*$/i, "") : unknownField(named, unknown)
  }
  const isOwnScalar = isScalarType(named) && !isSpecifiedScalarType(named)
  // Our own scalars repeat no value; what GraphQL says in their name does.
  if (isOwnScalar && !error.message.startsWith("Expected ")) return error.message
  return expected(type)
}

const typeAt = (type: GraphQLInputType, path: ReadonlyArray<string | number>): GraphQLInputType =>
  path.reduce<GraphQLInputType>((outer, segment) => {
    const type = getNullableType(outer)
    if (isListType(type)) return type.ofType
    return isInputObjectType(type) ? (type.getFields()[segment]?.type ?? type) : type
  }, type)

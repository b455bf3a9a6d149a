/**
 * Enum values: `SCREAMING_SNAKE` in GraphQL, the library's own lower case inside. That is the whole rule, so there is no table
 * to keep: it is applied to every enum of the SDL, and the generated types follow it.
 */
import { Kind } from "graphql"
import type { DocumentNode } from "graphql"

/** The GraphQL name of one of the library's values: `"under_review"` is `"UNDER_REVIEW"`. */
export const enumName = <Value extends string>(value: Value): Uppercase<Value> =>
  value.toUpperCase() as Uppercase<Value>

/** For every enum of the SDL, the library's value behind each name: `{ SessionStatus: { PENDING: "pending", … }, … }`. */
export const enumValues = (typeDefs: DocumentNode): Record<string, Record<string, string>> =>
  Object.fromEntries(
    typeDefs.definitions
      .filter((definition) => definition.kind === Kind.ENUM_TYPE_DEFINITION)
      .map(({ name, values = [] }) => [
        name.value,
        Object.fromEntries(values.map((value) => [value.name.value, value.name.value.toLowerCase()]))
      ])
  )

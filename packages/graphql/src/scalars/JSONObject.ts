/**
 * `JSONObject`: data of the caller's own. It decides nothing: what is wrong with it is for the library to say, which then says
 * everything at once, as issues with paths. So any value goes through, one that is not an object included.
 *
 * A variable is handed on untouched. A literal becomes what `JSON.parse` would make of it, except that nothing is lost on the
 * way: an integer that a double cannot hold becomes a `bigint` (no matter which), `1e400` becomes `Infinity`, `__proto__` an
 * ordinary property, and the library refuses all three by name. No message ever repeats a value.
 */
import { GraphQLError, Kind } from "graphql"
import type { ValueNode } from "graphql"

/** Stands for every integer beyond ±(2^53 − 1). All are refused, and to convert a million digits would take half a second. */
const unsafeInteger = 2n ** 53n

type Variables = { readonly [name: string]: unknown } | null | undefined

const read = (node: ValueNode, variables: Variables): unknown => {
  switch (node.kind) {
    case Kind.OBJECT: {
      // Without a prototype `__proto__` is a key like any other.
      const object = Object.create(null) as Record<string, unknown>
      for (const { name, value } of node.fields) {
        const member = read(value, variables)
        // GraphQL's own rule for a variable that was not given: the field is not there.
        if (member !== undefined) object[name.value] = member
      }
      return object
    }
    case Kind.LIST:
      return node.values.map((value) => read(value, variables) ?? null)
    case Kind.INT: {
      const number = Number(node.value)
      return Number.isSafeInteger(number) ? number : unsafeInteger
    }
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value
    case Kind.NULL:
      return null
    case Kind.VARIABLE:
      return variables?.[node.name.value]
    case Kind.ENUM:
      throw new GraphQLError("JSON has no bare words: text stands in double quotes", { nodes: node })
  }
}

// `parseLiteral` and not `coerceInputLiteral`, which is given variables as the literals they would print as: of those, an `ID`
// of digits is a number and 1e400 is null. The default values of variables come here too.
/** Hands values on as they are. */
export const JSONObject = { parseLiteral: read }

/** `DateTime`: RFC 3339 in UTC with milliseconds and `Z`, as the contract writes every time (§2). */
import { DateTime as Time, Option } from "effect"
import { GraphQLError } from "graphql"

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/

const parse = (value: unknown): Time.Utc => {
  const time = typeof value === "string" && rfc3339.test(value) ? Time.make(value) : Option.none()
  if (Option.isNone(time)) throw new GraphQLError("A DateTime is RFC 3339 text, such as 2026-11-22T19:57:00.000Z")
  return Time.toUtc(time.value)
}

// The older names of the two methods: graphql-tools sets the newer ones along with them, and its executor calls these.
/** Writes the times of the library, and reads any RFC 3339 text, to the millisecond. */
export const DateTime = { serialize: (time: Time.Utc): string => Time.formatIso(time), parseValue: parse }

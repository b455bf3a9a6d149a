/**
 * Inputs: from the names of the wire, in any of three casings and in the shape of any version, to the library's own names, and
 * from what the library says is wrong with them back to the names that were sent (contract §7, §8).
 *
 * Nothing is checked here but that a field comes once. What the library does not know reaches it under a name that it does not
 * know, and is refused there with all the rest.
 */
import { inflect, Unprocessable } from "@holdfast/core"
import type { ApiVersion, ApiVersions, FieldIssue, JsonObject } from "@holdfast/core"
import { Predicate } from "effect"

/** An input in the library's names, and a way to say what is wrong with it in the sender's. */
export interface Input {
  /** Whatever was sent, if that is no object. */
  readonly value: unknown
  readonly explain: <E>(error: E) => E | Unprocessable
}

/**
 * The translation of an operation's inputs, whose fields have these names in the library. Make it once per operation; the name
 * of the operation is the one that the transformations of versions know.
 */
export const makeInput = (
  operation: string,
  names: ReadonlyArray<string>,
  versions: ApiVersions
): ((sent: unknown, version: ApiVersion) => Input) => {
  const ours = new Map(names.map((name) => [inflect(name, "snake"), name]))

  return (sent, version) => {
    const { fields, path } = unwrap(sent)
    if (!Predicate.isObject(fields)) return { value: fields, explain: (error) => error }

    const theirs = new Map<string, string>()
    const values = new Map<string, unknown>()
    const twice = new Map<string, string>()
    for (const [name, value] of Object.entries(fields)) {
      const snake = inflect(name, "snake")
      // No name of the library has a hyphen, so this one is refused for sure.
      if (theirs.has(snake)) twice.set(`-${snake}`, name)
      else {
        theirs.set(snake, name)
        values.set(snake, value)
      }
    }
    const accept = (input: Iterable<readonly [string, unknown]>) =>
      versions.accept(version, operation, Object.fromEntries(input) as JsonObject)
    const newest = accept(values)
    // `fromEntries` makes a property of `__proto__`; an assignment would not.
    const value = Object.fromEntries([
      ...Object.entries(newest).map(([snake, inner]) => [ours.get(snake) ?? snake, inner]),
      ...twice.entries()
    ]) as unknown

    /** The name under which a field of the newest shape was sent: that of the field that it comes from by itself. */
    const sentAs = (name: string): string => {
      const snake = inflect(name, "snake")
      const origin = [...values].find((field) => Object.hasOwn(accept([field]), snake))?.[0]
      return theirs.get(origin ?? snake) ?? snake
    }
    const rename = ({ code, message, path: [name, ...rest] }: FieldIssue): FieldIssue => {
      if (name === undefined) return { path, code, message }
      const again = twice.get(name)
      return again === undefined
        ? { path: [...path, sentAs(name), ...rest], code, message }
        : { path: [...path, again], code: "unknown_value", message: "is given twice, in different casings" }
    }
    const explain = <E>(error: E) =>
      error instanceof Unprocessable && error.issues.length > 0
        ? Unprocessable.validationFailed(error.issues.map(rename))
        : error
    return { value, explain }
  }
}

/** Clients that come from Persona send `{"data":{"attributes":{…}}}`. Nothing else may stand in either object. */
const unwrap = (sent: unknown): { readonly fields: unknown; readonly path: ReadonlyArray<string> } => {
  const data = only(sent, "data")
  const attributes = data === undefined ? undefined : only(data, "attributes")
  return attributes === undefined ? { fields: sent, path: [] } : { fields: attributes, path: ["data", "attributes"] }
}

/** The object under the one key that an object has, or `undefined`. */
const only = (value: unknown, name: string): object | undefined => {
  if (!Predicate.isObject(value) || Object.keys(value).length !== 1) return undefined
  const inner: unknown = Predicate.hasProperty(value, name) ? value[name] : undefined
  return Predicate.isObject(inner) ? inner : undefined
}

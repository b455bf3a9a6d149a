/**
 * Inputs: from the names of the wire, in any of three casings and in the shape of any version, to the library's own names, and
 * from what the library says is wrong with them back to the names that were sent (contract §7, §8).
 *
 * Nothing is checked here but that a field comes once. What the library does not know reaches it under a name that it does not
 * know, and is refused there with all the rest. So a version's `upgrade` is called with what nobody has checked yet, and with
 * parts of it: it is total, as the library's table of versions demands.
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

/** No operation has nearly as many fields. Beyond them nothing is translated: the library refuses the input for the rest. */
const maxFields = 1_000

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
    for (const name of Object.keys(fields).slice(0, maxFields)) {
      const snake = inflect(name, "snake")
      // No name of the library has a hyphen, so this one is refused for sure.
      if (theirs.has(snake)) twice.set(`-${twice.size}`, name)
      else {
        theirs.set(snake, name)
        values.set(snake, fields[name])
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

    const explain = <E>(error: E) => {
      if (!(error instanceof Unprocessable) || error.issues.length === 0) return error
      const origins = originsOf(values, newest, accept)
      const rename = ({ code, message, path: [name, ...rest] }: FieldIssue): FieldIssue => {
        if (name === undefined) return { path, code, message }
        const again = twice.get(name)
        if (again !== undefined) {
          return { path: [...path, again], code: "unknown_value", message: "is given twice, in different casings" }
        }
        const snake = inflect(name, "snake")
        return { path: [...path, theirs.get(origins.get(snake) ?? snake) ?? snake, ...rest], code, message }
      }
      return Unprocessable.validationFailed(error.issues.map(rename))
    }
    return { value, explain }
  }
}

/**
 * The fields that a version made of others, with the field that each comes from: the one that makes it by itself. What goes
 * through a version as it is, and what a version adds to any input, comes from no other.
 */
const originsOf = (
  sent: ReadonlyMap<string, unknown>,
  newest: JsonObject,
  accept: (input: Iterable<readonly [string, unknown]>) => JsonObject
): ReadonlyMap<string, string> => {
  const isSame = (name: string) => Object.hasOwn(newest, name) && newest[name] === sent.get(name)
  const origins = new Map<string, string>()
  const changed = [...sent].filter(([name]) => !isSame(name))
  if (changed.length === 0) return origins
  const added = accept([])
  for (const field of changed) {
    for (const name of Object.keys(accept([field]))) {
      if (!Object.hasOwn(added, name) && !isSame(name) && !origins.has(name)) origins.set(name, field[0])
    }
  }
  return origins
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

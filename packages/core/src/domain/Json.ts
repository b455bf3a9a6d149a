/**
 * JSON as the contract accepts it: what a value may hold, its canonical form, and a copy that nobody else can change.
 *
 * The rules are those of contract §4. They are checked over `unknown`, without recursion beyond the depth limit, so that
 * hostile input (a hundred thousand brackets, a key `__proto__`, a lone surrogate) costs no more than honest input.
 */
import type { Schema } from "effect"
import { isStorable } from "./Text.ts"
import type { IssueCode } from "./Violation.ts"

/** A JSON value: what `JSON.parse` can return. */
export type Json = Schema.Json

/** A JSON object with any keys. */
export type JsonObject = Schema.JsonObject

/** Containers (arrays and objects) may be nested at most this deep inside one value. */
export const maxDepth = 16

/** One broken rule inside a JSON value; `path` leads from the value to the place. */
export interface JsonViolation {
  readonly path: ReadonlyArray<string>
  readonly code: IssueCode
}

/** Whether `value` is an object literal: no array, no class instance, no `Date`. */
export const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** The rule that a key breaks wherever it stands: the name of the prototype accessor, or text that cannot be stored. */
export const keyViolation = (key: string): IssueCode | undefined =>
  key === "__proto__" ? "forbidden_key" : isStorable(key) ? undefined : "invalid_text"

/** At most this many violations are listed for one value, so that a hostile body cannot buy an answer larger than itself. */
const maxListed = 100

/**
 * Every rule that `value` breaks, in document order; empty when it can be kept.
 *
 * A `bigint` stands for an integer literal that a double cannot hold (`unsafe_number`): that is how facades that see the
 * source text hand it over. What JSON does not know (`undefined`, functions, dates) is `wrong_type`, never dropped.
 */
export const violations = (value: unknown): ReadonlyArray<JsonViolation> => {
  const found: Array<JsonViolation> = []
  inspect(value, [], found)
  return found
}

const inspect = (value: unknown, path: Array<string>, found: Array<JsonViolation>): void => {
  if (typeof value !== "object" || value === null) {
    const code = scalarViolation(value)
    if (code !== undefined) found.push({ path: path.slice(), code })
    return
  }
  const array = Array.isArray(value)
  if (!array && !isPlainObject(value)) {
    found.push({ path: path.slice(), code: "wrong_type" })
    return
  }
  // Each level of nesting has put one segment on the path.
  if (path.length === maxDepth) {
    found.push({ path: path.slice(), code: "too_deep" })
    return
  }
  const keys = array ? value.keys() : Object.keys(value)
  for (const key of keys) {
    if (found.length >= maxListed) return
    path.push(String(key))
    const code = array ? undefined : keyViolation(String(key))
    if (code !== undefined) found.push({ path: path.slice(), code })
    inspect((value as Record<string | number, unknown>)[key], path, found)
    path.pop()
  }
}

const scalarViolation = (value: unknown): IssueCode | undefined => {
  switch (typeof value) {
    case "boolean":
      return undefined
    case "string":
      return isStorable(value) ? undefined : "invalid_text"
    case "number":
      return Number.isFinite(value) ? undefined : "not_finite"
    case "bigint":
      return "unsafe_number"
    default:
      return value === null ? undefined : "wrong_type"
  }
}

/** A copy that shares nothing with `value` and holds 0 where `value` holds −0. `value` must have no violations. */
export const copy = (value: Json): Json => {
  if (typeof value === "number") return value === 0 ? 0 : value
  if (typeof value !== "object" || value === null) return value
  if (isArray(value)) return value.map(copy)
  const object: Record<string, Json> = {}
  for (const key of Object.keys(value)) object[key] = copy(value[key] as Json)
  return object
}

const isArray = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

/**
 * The RFC 8785 (JCS) form: no white space, keys sorted by UTF-16 code units, numbers as ECMAScript prints them. Two
 * values are equal, for the contract, when these are. A property that is `undefined` is left out.
 *
 * @example
 * canonical({ b: 1, a: [true, null] }) // '{"a":[true,null],"b":1}'
 */
export const canonical = (value: Json | undefined): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null)
  if (isArray(value)) return `[${value.map(canonical).join(",")}]`
  const members: Array<string> = []
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key]
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonical(member)}`)
  }
  return `{${members.join(",")}}`
}

/** Whether two values are the same for the contract: equal canonical forms, so that the order of keys does not count. */
export const equal = (a: Json | undefined, b: Json | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && canonical(a) === canonical(b))

/**
 * JSON as the contract accepts it: what a value may hold, its canonical form, and a copy that nobody else can change.
 *
 * The rules are those of contract §4. They are checked over `unknown`, with bounds on depth and on the number of parts, so that
 * hostile input (a hundred thousand brackets, a hundred thousand members) is refused before it costs anything.
 */
import type { Schema } from "effect"
import { isStorable } from "./Text.ts"
import type { IssueCode } from "./Issue.ts"

/** A JSON value: what `JSON.parse` can return. */
export type Json = Schema.Json

/** A JSON object with any keys. */
export type JsonObject = Schema.JsonObject

/** Containers (arrays and objects) may be nested at most this deep inside one value. */
const maxDepth = 16

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
 * Every rule that `value` breaks, in document order; empty when it can be kept. A value of more than `maxNodes` parts is
 * `too_large`, and not looked at any further.
 *
 * A `bigint` stands for an integer literal that a double cannot hold (`unsafe_number`): that is how facades that see the
 * source text hand it over. What JSON does not know (`undefined`, functions, dates, symbol keys) is `wrong_type`, never
 * dropped.
 */
export const violations = (value: unknown, maxNodes: number): ReadonlyArray<JsonViolation> => {
  const found: Array<JsonViolation> = []
  const inspection = { path: [], found, nodes: maxNodes }
  inspect(value, inspection)
  if (inspection.nodes < 0) found.push({ path: [], code: "too_large" })
  return found
}

interface Inspection {
  readonly path: Array<string | number>
  readonly found: Array<JsonViolation>
  /** How many parts may still come. */
  nodes: number
}

const inspect = (value: unknown, inspection: Inspection): void => {
  const { found, path } = inspection
  inspection.nodes--
  if (typeof value !== "object" || value === null) {
    const code = scalarViolation(value)
    if (code !== undefined) found.push({ path: path.map(String), code })
    return
  }
  if (widthOf(value) > inspection.nodes) {
    inspection.nodes = -1
    return
  }
  if (!isTransparent(value)) {
    found.push({ path: path.map(String), code: "wrong_type" })
    return
  }
  // Each level of nesting has put one segment on the path.
  if (path.length === maxDepth) {
    found.push({ path: path.map(String), code: "too_deep" })
    return
  }
  const descend = (key: string | number, member: unknown) => {
    path.push(key)
    const code = typeof key === "string" ? keyViolation(key) : undefined
    if (code !== undefined) found.push({ path: path.map(String), code })
    inspect(member, inspection)
    path.pop()
    return found.length < maxListed && inspection.nodes >= 0
  }
  // By number, because to name each member of a list costs more than to look at it.
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && descend(index, value[index]); index++);
  } else Object.entries(value).every(([key, member]) => descend(key, member))
}

/** How many parts an array or object has by itself. */
const widthOf = (value: object): number => (Array.isArray(value) ? value.length : Object.keys(value).length)

/** Whether all that an array or object holds can be seen and is data: no class, no symbols, nothing hidden. */
const isTransparent = (value: object): boolean =>
  Array.isArray(value) || (isPlainObject(value) && Reflect.ownKeys(value).length === Object.keys(value).length)

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

/**
 * A copy that nobody else can change, with 0 where `value` holds −0. What is no JSON, nested deeper than a value may be, or of
 * more than `maxNodes` parts (those of each member by itself) stands in the copy as it is, for the rules to refuse: they are
 * checked on the copy, which is what will be used.
 */
export const snapshot = (value: unknown, maxNodes: number): unknown => {
  let nodes = maxNodes
  const copyOf = (value: unknown, depth: number): unknown => {
    nodes = depth === 1 ? maxNodes : nodes - 1
    if (typeof value === "number") return value === 0 ? 0 : value
    if (typeof value !== "object" || value === null || depth > maxDepth + 1) return value
    if (widthOf(value) > nodes || !isTransparent(value)) return value
    if (Array.isArray(value)) return Array.from(value, (member: unknown) => copyOf(member, depth + 1))
    // What is written afterwards is there already: not even `__proto__`, or a frozen prototype, makes that another property.
    const copy: Record<string, unknown> = { ...value }
    for (const key of Object.keys(copy)) copy[key] = copyOf(copy[key], depth + 1)
    return copy
  }
  return copyOf(value, 0)
}

/** Whether a value is a JSON object and everything in it is JSON. */
export const isJsonObject = (value: unknown): value is JsonObject => isPlainObject(value) && isJson(value)

const isJson = (value: unknown): boolean => {
  if (typeof value === "object" && value !== null) {
    return (
      isTransparent(value) &&
      (Array.isArray(value) ? value.findIndex((member) => !isJson(member)) === -1 : Object.values(value).every(isJson))
    )
  }
  return typeof value === "number" ? Number.isFinite(value) : value === null || jsonScalars.has(typeof value)
}

const jsonScalars = new Set(["string", "boolean"])

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
  let members = ""
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key]
    if (member !== undefined) members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${canonical(member)}`
  }
  return `{${members}}`
}

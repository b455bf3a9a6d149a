/**
 * Metadata: the map a business keeps beside a session, and the rules for changing it (contract §4).
 *
 * A patch is merged by top-level key: a key sent replaces that key's value whole, a key not sent stays, a key sent as
 * `null` is removed. Nested `null`s are data and stay.
 */
import { Schema, SchemaGetter } from "effect"
import { canonical, isPlainObject, keyViolation, violations } from "./Json.ts"
import type { Json, JsonObject } from "./Json.ts"
import { atMostCodePoints, utf8Bytes } from "./Text.ts"
import { rules, violation } from "./Violation.ts"
import type { FieldIssue } from "./Issue.ts"

/** At most this many keys after a merge, and at most this many set by one patch. */
const maxKeys = 50
/** At most this many keys in one patch, those that it removes included. */
const maxPatchKeys = 1_000
/** A key has 1 to this many code points. */
const maxKeyLength = 128
/** A value's compact JSON has at most this many bytes of UTF-8: 16 KB. */
const maxValueBytes = 16_384
/** The compact JSON of the whole map has at most this many bytes of UTF-8. */
export const maxMapBytes = 262_144
const valueTooLarge = `is larger than ${maxValueBytes} bytes of JSON`
const mapTooLarge = `may hold at most ${maxMapBytes} bytes of JSON`

const asJsonObject = Schema.link<JsonObject>()(Schema.JsonObject, {
  decode: SchemaGetter.passthrough(),
  encode: SchemaGetter.passthrough()
})

/** Any JSON with texts that can be stored and no empty key: of what a generator makes without it, two thirds are no patch. */
const storable = (value: Json): Json => {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\u0000", "")
  if (typeof value !== "object" || value === null) return value
  return Array.isArray(value)
    ? value.map(storable)
    : Object.fromEntries(Object.entries(value).map(([key, member]) => [storable(key) || "key", storable(member)]))
}

const asStorable = Schema.link<JsonObject>()(Schema.JsonObject, {
  decode: SchemaGetter.transform((value) => storable(value) as JsonObject),
  encode: SchemaGetter.passthrough()
})

const object = Schema.declare<JsonObject>((value): value is JsonObject => isPlainObject(value), {
  message: "must be an object",
  toCodecArbitrary: () => asStorable,
  toCodecJson: () => asJsonObject
})

/** The rules on a patch before it is merged: every key, every value, and the number of keys. */
const patchViolations = (patch: JsonObject): ReadonlyArray<FieldIssue> => {
  const keys = Object.keys(patch)
  if (keys.length > maxPatchKeys) {
    return [violation([], "too_many_keys", `may name at most ${maxPatchKeys} keys at once`)]
  }
  const found: Array<FieldIssue> = []
  const set = keys.filter((key) => patch[key] !== null).length
  if (set > maxKeys) found.push(violation([], "too_many_keys", `may set at most ${maxKeys} keys at once`))
  let bytes = 0
  for (const key of keys) {
    addKeyViolations(key, found)
    bytes += addValueViolations(key, patch[key], found)
    // What is more than the whole map may hold is so after any merge.
    if (bytes > maxMapBytes) found.push(violation([], "too_large", mapTooLarge))
    if (bytes > maxMapBytes || found.length > maxListed) break
  }
  return found
}

// A hostile body of a megabyte can break a rule in some hundred thousand places: the answer must not outgrow the question.
const maxListed = 200

const addKeyViolations = (key: string, found: Array<FieldIssue>): void => {
  if (key === "") found.push(violation([key], "empty_key"))
  if (!atMostCodePoints(key, maxKeyLength)) {
    found.push(violation([key], "too_long", `is a key of more than ${maxKeyLength} characters`))
  }
  const code = keyViolation(key)
  if (code !== undefined) found.push(violation([key], code))
}

/** Answers how many bytes the value has. */
const addValueViolations = (key: string, value: unknown, found: Array<FieldIssue>): number => {
  // Every part of a value takes a byte at least.
  const broken = violations(value, maxValueBytes)
  // What is no JSON, or too deep to print safely, has no size.
  const printable = broken.every(({ code }) => !["wrong_type", "unsafe_number", "too_deep", "too_large"].includes(code))
  const size = printable ? utf8Bytes(JSON.stringify(value)) : 0
  for (const { code, path } of broken) {
    found.push(violation([key, ...path], code, code === "too_large" ? valueTooLarge : undefined))
  }
  if (size > maxValueBytes) found.push(violation([key], "too_large", valueTooLarge))
  return size
}

/** A patch for the metadata: keys to set, and `null` for keys to remove. */
export const MetadataPatch = object.check(rules(patchViolations))
/** A patch for the metadata: keys to set, and `null` for keys to remove. */
export type MetadataPatch = typeof MetadataPatch.Type

/** Whether a value is a patch that breaks no rule. */
export const isMetadataPatch = (value: unknown): value is MetadataPatch =>
  isPlainObject(value) && patchViolations(value as JsonObject).length === 0

/** The merge. Returns `current` itself when nothing changes, so that "unchanged" is a comparison of references. */
export const merge = (current: JsonObject, patch: MetadataPatch): JsonObject => {
  const sent = Object.entries(patch)
  if (sent.every(([key, value]) => isAlready(current, key, value))) return current
  const merged = { ...current, ...patch }
  return sent.some(([, value]) => value === null)
    ? Object.fromEntries(Object.entries(merged).filter(([key, value]) => value !== null || !Object.hasOwn(patch, key)))
    : merged
}

const isAlready = (current: JsonObject, key: string, value: Json): boolean => {
  const before = Object.hasOwn(current, key) ? current[key] : undefined
  return value === null
    ? before === undefined
    : before === value || (before !== undefined && canonical(before) === canonical(value))
}

/** The rules on the merged map of a session: the number of keys and the size of the whole. */
export const mapViolations = (metadata: JsonObject): ReadonlyArray<FieldIssue> => {
  const found: Array<FieldIssue> = []
  const keys = Object.keys(metadata).length
  if (keys > maxKeys) found.push(violation(["metadata"], "too_many_keys", `may hold at most ${maxKeys} keys`))
  if (utf8Bytes(JSON.stringify(metadata)) > maxMapBytes) {
    found.push(violation(["metadata"], "too_large", mapTooLarge))
  }
  return found
}

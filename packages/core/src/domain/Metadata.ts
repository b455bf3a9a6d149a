/**
 * Metadata: the map a business keeps beside a session, and the rules for changing it (contract §4).
 *
 * A patch is merged by top-level key: a key sent replaces that key's value whole, a key not sent stays, a key sent as
 * `null` is removed. Nested `null`s are data and stay.
 */
import { Schema, SchemaGetter } from "effect"
import { canonical, copy, isPlainObject, keyViolation, violations } from "./Json.ts"
import type { Json, JsonObject } from "./Json.ts"
import { atMostCodePoints, utf8Bytes } from "./Text.ts"
import { rules, violation } from "./Violation.ts"
import type { FieldIssue } from "./Violation.ts"

/** At most this many keys after a merge, and at most this many set by one patch. */
export const maxKeys = 50
/** A key has 1 to this many code points. */
export const maxKeyLength = 128
/** A value's compact JSON has at most this many bytes of UTF-8: 16 KB. */
export const maxValueBytes = 16_384
/** The compact JSON of the whole map has at most this many bytes of UTF-8. */
export const maxMapBytes = 262_144

const asJsonObject = Schema.link<JsonObject>()(Schema.JsonObject, {
  decode: SchemaGetter.passthrough(),
  encode: SchemaGetter.passthrough()
})

const object = Schema.declare<JsonObject>((value): value is JsonObject => isPlainObject(value), {
  message: "must be an object",
  toCodecArbitrary: () => asJsonObject,
  toCodecJson: () => asJsonObject
})

/** The rules on a patch before it is merged: every key, every value, and the number of keys that it sets. */
const patchViolations = (patch: JsonObject): ReadonlyArray<FieldIssue> => {
  const found: Array<FieldIssue> = []
  let set = 0
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value !== null) set++
    found.push(...keyViolations(key), ...valueViolations(key, value))
    if (found.length > maxListed) break
  }
  if (set > maxKeys) found.push(violation([], "too_many_keys", `may set at most ${maxKeys} keys at once`))
  return found
}

// A hostile body of a megabyte can hold some hundred thousand bad keys: the answer must not be larger than the question.
const maxListed = 200

const keyViolations = (key: string): ReadonlyArray<FieldIssue> => {
  const found: Array<FieldIssue> = []
  if (key === "") found.push(violation([key], "empty_key"))
  if (!atMostCodePoints(key, maxKeyLength)) {
    found.push(violation([key], "too_long", `is a key of more than ${maxKeyLength} characters`))
  }
  const code = keyViolation(key)
  if (code !== undefined) found.push(violation([key], code))
  return found
}

const valueViolations = (key: string, value: unknown): ReadonlyArray<FieldIssue> => {
  const found = violations(value).map(({ code, path }) => violation([key, ...path], code))
  // What is no JSON, or too deep to print safely, has no size.
  const printable = found.every(({ code }) => code !== "wrong_type" && code !== "unsafe_number" && code !== "too_deep")
  if (printable && utf8Bytes(JSON.stringify(value)) > maxValueBytes) {
    found.push(violation([key], "too_large", `is larger than ${maxValueBytes} bytes of JSON`))
  }
  return found
}

/** A patch for the metadata: keys to set, and `null` for keys to remove. */
export const MetadataPatch = object.check(rules(patchViolations))
/** A patch for the metadata: keys to set, and `null` for keys to remove. */
export type MetadataPatch = typeof MetadataPatch.Type

/**
 * The merge. Returns `current` itself when nothing changes, so that "unchanged" is a comparison of references; otherwise a
 * new map that shares nothing with the patch.
 */
export const merge = (current: JsonObject, patch: MetadataPatch): JsonObject => {
  let next: Record<string, Json> | undefined
  for (const key of Object.keys(patch)) {
    const value = patch[key] as Json
    const before = Object.hasOwn(current, key) ? current[key] : undefined
    if (value === null) {
      if (before === undefined) continue
      next ??= { ...current }
      delete next[key]
    } else if (before === undefined || canonical(before) !== canonical(value)) {
      next ??= { ...current }
      next[key] = copy(value)
    }
  }
  return next ?? current
}

/** The rules on the merged map: the number of keys and the size of the whole. Paths are relative to the map. */
export const mapViolations = (metadata: JsonObject): ReadonlyArray<FieldIssue> => {
  const found: Array<FieldIssue> = []
  const keys = Object.keys(metadata).length
  if (keys > maxKeys) found.push(violation([], "too_many_keys", `may hold at most ${maxKeys} keys`))
  if (utf8Bytes(JSON.stringify(metadata)) > maxMapBytes) {
    found.push(violation([], "too_large", `may hold at most ${maxMapBytes} bytes of JSON`))
  }
  return found
}

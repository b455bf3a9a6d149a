/**
 * JSON, for the check: when two values are the same, and what a patch makes of a map. A second implementation of contract §4
 * on purpose: it shares no code with the library that it judges.
 */
import type { Json } from "../History.ts"

/** What the merge works on: names, and their values. */
export type JsonMap = { readonly [name: string]: Json }

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

const isMap = (value: Json): value is JsonMap => typeof value === "object" && value !== null && !isList(value)

/** A text that is equal for equal values, whatever the order of their names. */
export const textOf = (value: Json): string => {
  if (typeof value === "number" || value === null) return `${value}`
  if (!isMap(value)) return isList(value) ? `[${value.map(textOf).join(",")}]` : JSON.stringify(value)
  const names = Object.keys(value)
  let text = "{"
  for (const name of names.length < 2 ? names : names.toSorted())
    text += `${JSON.stringify(name)}:${textOf(value[name] ?? null)},`
  return `${text}}`
}

/** A value as a map; what is none, such as an absent field, has no names. */
export const mapOf = (value: Json | undefined): JsonMap => (value !== undefined && isMap(value) ? value : {})

/** The map after a patch: a name sent replaces its value whole, `null` removes it, a name not sent stays. */
export const patched = (map: JsonMap, patch: JsonMap): JsonMap => {
  const untouched = Object.entries(map).filter(([name]) => !Object.hasOwn(patch, name))
  const set = Object.entries(patch).filter(([, value]) => value !== null)
  return Object.fromEntries([...untouched, ...set])
}

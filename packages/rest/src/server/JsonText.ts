/**
 * JSON from its text, so that nothing which `JSON.parse` drops or rounds goes unseen: a key that stands twice in an object, and
 * an integer that a double cannot hold (contract §4).
 */
import { BadRequest } from "@holdfast/core"
import { Result } from "effect"

/**
 * The value of a JSON text. An integer literal beyond ±(2^53 − 1) is a `bigint`, which the library refuses by name wherever it
 * stands. `BadRequest` with code `malformed_request` for what is no JSON, and for an object that names a key twice.
 */
export const parseJson = (text: string): Result.Result<unknown, BadRequest> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return Result.fail(malformed("The body is not valid JSON"))
  }
  const { depth, members } = measure(value)
  if (members !== membersOf(text)) return Result.fail(malformed("An object in the body names a key twice"))
  // A reviver is called recursively. What is nested that deep is refused for it, whatever numbers are in it.
  return Result.succeed(/\d{16}/.test(text) && depth < 1_000 ? parseWithSource(text) : value)
}

/** A request that cannot be read. */
export const malformed = (message: string): BadRequest => new BadRequest({ code: "malformed_request", message })

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

// The types of TypeScript's library do not know the third parameter yet.
const parseWithSource = (text: string): unknown =>
  (JSON.parse as (text: string, reviver: Reviver) => unknown)(text, exact)

const exact: Reviver = (_, value, { source }) =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? "") ? 0n : value

/** How many members all objects of a value have together, and how deep it is nested. */
const measure = (value: unknown): { readonly members: number; readonly depth: number } => {
  let members = 0
  let depth = 0
  let level = [value]
  for (; level.length > 0; depth++) {
    const below: Array<unknown> = []
    for (const container of level) {
      if (typeof container !== "object" || container === null) continue
      const inner: ReadonlyArray<unknown> = Object.values(container)
      if (!Array.isArray(container)) members += inner.length
      for (const item of inner) below.push(item)
    }
    level = below
  }
  return { members, depth }
}

/** How many members a valid JSON text writes down: the colons outside its strings. */
const membersOf = (text: string): number => {
  let count = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (quoted) {
      if (unit === backslash) index++
      else if (unit === quote) quoted = false
    } else if (unit === quote) quoted = true
    else if (unit === colon) count++
  }
  return count
}

const [quote, colon, backslash] = ['"', ":", "\\"].map((character) => character.charCodeAt(0))

/**
 * JSON from its text, so that nothing which `JSON.parse` drops or rounds goes unseen: a key that stands twice in an object, and
 * an integer that a double cannot hold (contract §4).
 *
 * Beside `JSON.parse` the text is read once more, and the value is walked once. A reviver would be simpler, and costs more than
 * both of them for each value of a body.
 */
import { Result } from "effect"
import { BadRequest } from "./Errors.ts"

/**
 * The value of a JSON text. An integer literal beyond ±(2^53 − 1) is a `bigint`, which the library refuses by name wherever it
 * stands. `BadRequest` with code `malformed_request` for what is no JSON, and for an object that names a key twice; `what` is
 * what the message calls the text.
 */
export const parseJson = (text: string, what = "The body"): Result.Result<unknown, BadRequest> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return Result.fail(BadRequest.malformed(`${what} is not valid JSON`))
  }
  const { members, unsafe } = scan(text)
  if (members !== membersOf(value))
    return Result.fail(BadRequest.malformed(`An object in ${what.toLowerCase()} names a key twice`))
  return Result.succeed(unsafe.length === 0 ? value : marked(value, unsafe))
}

type Path = ReadonlyArray<string | number>

/** One is enough for the library to refuse a body, and it does not list more. */
const maxMarked = 200

/** The library looks at nothing that is nested deeper: it refuses the container (contract §4), and the envelope has two. */
const maxDepth = 32

/** What a valid JSON text writes down: how many members its objects have together, and where integers are that no double holds. */
const scan = (text: string): { readonly members: number; readonly unsafe: ReadonlyArray<Path> } => {
  let members = 0
  const unsafe: Array<Path> = []
  // Where the scan is: an index for each array around it, a key for each object.
  const path: Array<string | number> = []
  let start = 0
  let end = 0
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case unit.quote:
        start = index
        end = index = endOfString(text, index)
        break
      case unit.colon:
        members++
        path[path.length - 1] = text.slice(start, end + 1)
        break
      case unit.comma: {
        const place = path[path.length - 1]
        if (typeof place === "number") path[path.length - 1] = place + 1
        break
      }
      case unit.array:
        path.push(0)
        break
      case unit.object:
        path.push("")
        break
      case unit.arrayEnd:
      case unit.objectEnd:
        path.pop()
        break
      default: {
        const first = index
        while (isOfNumber[text.charCodeAt(index)] === true) index++
        if (index - first > 15 && isUnsafe(text.slice(first, index)) && unsafe.length < maxMarked) {
          if (path.length <= maxDepth) unsafe.push(path.slice())
        }
        if (index > first) index--
      }
    }
  }
  return { members, unsafe }
}

const codeOf = (character: string) => character.charCodeAt(0)

const unit = {
  quote: codeOf('"'),
  backslash: codeOf("\\"),
  colon: codeOf(":"),
  comma: codeOf(","),
  array: codeOf("["),
  arrayEnd: codeOf("]"),
  object: codeOf("{"),
  objectEnd: codeOf("}")
}

/** Where the quote is that ends a string: the first one behind an even number of backslashes. */
const endOfString = (text: string, start: number): number => {
  for (let end = start; ;) {
    end = text.indexOf('"', end + 1)
    let before = end
    while (text.charCodeAt(before - 1) === unit.backslash) before--
    if ((end - before) % 2 === 0) return end
  }
}

const numberUnits = new Set(Array.from("0123456789+-.eE", codeOf))
const isOfNumber = Array.from({ length: 128 }, (_, code) => numberUnits.has(code))

const isUnsafe = (literal: string) => /^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal))

/** How many members all objects of a value have together. */
const membersOf = (value: unknown): number => {
  let members = 0
  const open = [value]
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    if (typeof container !== "object" || container === null) continue
    const inner: ReadonlyArray<unknown> = Array.isArray(container) ? container : Object.values(container)
    if (inner !== container) members += inner.length
    for (let index = 0; index < inner.length; index++) {
      if (typeof inner[index] === "object") open.push(inner[index])
    }
  }
  return members
}

/** The value with a `bigint` wherever one of the paths leads; its keys are as the text has them. */
const marked = (value: unknown, paths: ReadonlyArray<Path>): unknown => {
  // A key can be as long as a body, and stand on every path.
  const names = new Map<string, string>()
  const nameOf = (step: string | number) => {
    if (typeof step === "number") return step
    const name = names.get(step) ?? (JSON.parse(step) as string)
    names.set(step, name)
    return name
  }
  const root: Container = { value }
  for (const path of paths) {
    let container = root
    let name: string | number = "value"
    for (const step of path) {
      container = container[name] as Container
      name = nameOf(step)
    }
    // The member is there: `JSON.parse` makes even `__proto__` an object's own.
    container[name] = 0n
  }
  return root["value"]
}

interface Container {
  [name: string | number]: unknown
}

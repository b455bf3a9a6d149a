/**
 * Requests generated from an OpenAPI document: good ones, and good ones with something broken. The same seed makes the same
 * requests.
 */
import type { OpenApi } from "effect/http-api"

/** A request, and the operation that it is meant for. */
export interface Generated {
  readonly method: string
  readonly path: string
  /** The path as the document has it. */
  readonly template: string
  readonly operation: OpenApi.OpenAPISpecOperation
  readonly headers: { readonly [name: string]: string }
  readonly body: string | undefined
}

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<Schema>
  readonly items?: Schema
  readonly properties?: { readonly [name: string]: Schema }
  readonly examples?: ReadonlyArray<unknown>
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
}

/** Chance from a seed (mulberry32). */
export const makeChance = (seed: number) => {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    /** True in that share of cases. */
    holds: (share: number) => next() < share,
    oneOf: <A>(values: ReadonlyArray<A>): A => values[below(values.length)] as A
  }
}

type Chance = ReturnType<typeof makeChance>

const words = [
  "",
  "user-42",
  "a",
  "NZ",
  "vip",
  "x".repeat(128),
  "Zoë 👍🏽",
  "https://example.com/back?a=1",
  "2026-11-22T09:30:00Z"
]
const hostileTexts = [
  "\u0000",
  "\ud83d",
  "x".repeat(20_000),
  "__proto__",
  "' OR 1=1 --",
  "<script>",
  "\u202e",
  "../../etc/passwd"
]
const hostileJson = [
  "1e400",
  "-0",
  "9007199254740993",
  '{"__proto__":{"a":1}}',
  '{"a":1,"a":2}',
  "[".repeat(40) + "]".repeat(40),
  '"\\ud83d"',
  '"\\u0000"',
  "null",
  "[]",
  "{}",
  "true",
  '{"":1}',
  `"${"x".repeat(17_000)}"`
]

/** Good values of headers and parameters, which the document shows in its sentences. */
const good: Record<string, ReadonlyArray<string>> = {
  "Verifa-Version": ["2026-02-01", "2026-01-01"],
  "Idempotency-Key": ["order-7-tier"],
  "If-Match": ['"3"'],
  "If-None-Match": ['"3"'],
  created_after: ["2026-11-01T00:00:00Z"],
  created_before: ["2026-12-01T00:00:00Z"]
}

/** Generates requests. `ids` and `keys` are looked up again for each. */
export const makeGenerator = (
  document: OpenApi.OpenAPISpec,
  chance: Chance,
  pool: { readonly ids: ReadonlyArray<string>; readonly keys: ReadonlyArray<string> }
): (() => Generated) => {
  const operations = Object.entries(document.paths).flatMap(([template, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      template,
      method: method.toUpperCase(),
      operation: operation as OpenApi.OpenAPISpecOperation
    }))
  )

  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined
      ? schema
      : resolve(document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] as Schema)

  const anyJson = (depth: number): unknown => {
    switch (chance.below(depth > 3 ? 4 : 6)) {
      case 0:
        return chance.oneOf(words)
      case 1:
        return chance.oneOf([0, -1, 0.5, 1e21, 2 ** 53 - 1, 5e-324])
      case 2:
        return chance.holds(0.5)
      case 3:
        return null
      case 4:
        return Array.from({ length: chance.below(4) }, () => anyJson(depth + 1))
      default:
        return Object.fromEntries(
          Array.from({ length: chance.below(4) }, () => [chance.oneOf(["a", "b_c", "dE", "ключ"]), anyJson(depth + 1)])
        )
    }
  }

  /** A value of a schema, as far as the schema says. */
  const valueOf = (given: Schema): unknown => {
    const schema = resolve(given)
    if (schema.enum !== undefined) return chance.oneOf(schema.enum)
    if (schema.anyOf !== undefined) return valueOf(chance.oneOf(schema.anyOf))
    switch (schema.type) {
      case "string": {
        if (schema.examples !== undefined && chance.holds(0.6)) return chance.oneOf(schema.examples)
        const fits = words.filter(
          (word) => word.length >= (schema.minLength ?? 0) && word.length <= (schema.maxLength ?? Infinity)
        )
        return chance.oneOf(fits)
      }
      case "integer":
        return Math.min(schema.maximum ?? 9, (schema.minimum ?? 0) + chance.below(120))
      case "boolean":
        return chance.holds(0.5)
      case "null":
        return null
      case "array":
        return [
          ...new Set(
            Array.from({ length: chance.below(Math.min(schema.maxItems ?? 4, 4)) }, () => valueOf(schema.items ?? {}))
          )
        ]
      case "object":
        return schema.properties === undefined
          ? Object.fromEntries(
              Array.from({ length: chance.below(4) }, () => [chance.oneOf(["a", "b", "c_d", "eF"]), anyJson(0)])
            )
          : Object.fromEntries(
              Object.entries(schema.properties)
                .filter(() => chance.holds(0.4))
                .map(([name, inner]) => [name, valueOf(inner)])
            )
      default:
        return anyJson(0)
    }
  }

  /** The text of a value with something wrong in it. */
  const breakText = (value: unknown): string => {
    const text = JSON.stringify(value)
    const fields = Object.entries(value ?? {})
    switch (chance.below(6)) {
      case 0:
        return text.slice(0, chance.below(text.length))
      case 1:
        return JSON.stringify({
          ...(value as object),
          [chance.oneOf(["status", "expected_revision", "id", "x"])]: anyJson(0)
        })
      case 2:
        return chance.oneOf(hostileJson)
      case 3:
        return `{"metadata":{"${chance.oneOf(["a", "", "__proto__"])}":${chance.oneOf(hostileJson)}}}`
      case 4:
        return `{${[...fields, ...fields].map(([name, inner]) => `${JSON.stringify(name)}:${JSON.stringify(inner)}`).join()}}`
      default:
        return JSON.stringify(
          Object.fromEntries(
            [...fields, ["external_ref", "a"]].map(([name, inner]) => [
              name,
              chance.holds(0.5) ? chance.oneOf([...hostileTexts, 1, [], { a: 1 }]) : inner
            ])
          )
        )
    }
  }

  const headerText = (value: unknown) =>
    String(value)
      .replace(/[^\x20-\x7e]/g, "")
      .trim()

  return () => {
    const { method, operation, template } = chance.oneOf(operations)
    const headers: Record<string, string> = {}
    const query = new URLSearchParams()
    let path = template
    for (const { in: place, name, required, schema } of operation.parameters) {
      if (!required && chance.holds(0.7)) continue
      const isBroken = chance.holds(0.1)
      // Headers and targets beyond 16 KB are refused by Node before they reach anybody.
      const value = isBroken
        ? chance.oneOf([...hostileTexts, "x", ""]).slice(0, 1_000)
        : chance.oneOf([...(good[name] ?? []), valueOf(schema)])
      if (place === "path") {
        const id = isBroken
          ? chance.oneOf(["ses_x", "key_00000000000000000000000000", encodeURIComponent("ü/..")])
          : null
        path = path.replace(`{${name}}`, id ?? chance.oneOf(pool.ids))
      } else if (place === "header") headers[name] = headerText(value)
      else if (place === "query") query.append(name, String(value).toWellFormed())
    }
    if (chance.holds(0.03)) query.append(chance.oneOf(["limit", "foo", "status"]), "1")
    const key = chance.oneOf(pool.keys)
    if (!chance.holds(0.03)) headers["X-API-Key"] = key
    if (chance.holds(0.02)) headers["Accept"] = chance.oneOf(["text/html", "", "*/*;q=0", "application/json"])

    let body: string | undefined
    const content = operation.requestBody?.content["application/json"]
    if (content !== undefined) {
      const value = valueOf(content.schema)
      body = chance.holds(0.4) ? breakText(value) : JSON.stringify(value)
      headers["Content-Type"] = chance.holds(0.03)
        ? chance.oneOf(["text/plain", "application/json; charset=latin1"])
        : "application/json"
    }
    const search = query.size === 0 ? "" : `?${query.toString()}`
    return { method, path: path + search, template, operation, headers, body }
  }
}

/**
 * Arbitraries: values for property tests (`it.effect.prop`). Those that follow a schema of core are derived from it, and so
 * they change when the contract does; metadata is built so that patches meet the same keys often, as real ones do.
 *
 * Schemas themselves can be given to `it.effect.prop` too: `IdempotencyKey`, `Session` and the other schemas of core.
 */
import { CreateSessionInput, IdempotencyKey, UpdateSessionInput } from "@holdfast/core"
import type { IssueCode, Json, JsonObject, MetadataPatch } from "@holdfast/core"
import { Arbitrary, Schema } from "effect"

const oneOf = <A>(arbitraries: ReadonlyArray<Arbitrary.Arbitrary<A>>): Arbitrary.Arbitrary<A> =>
  Arbitrary.flatMap(
    Arbitrary.schema(Schema.Literals(arbitraries.map((_, index) => index))),
    (index) => arbitraries[index] as Arbitrary.Arbitrary<A>
  )

const constants = <A>(values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> => oneOf(values.map(Arbitrary.Constant))

const storable = (text: string): string => text.toWellFormed().replaceAll("\u0000", "")

/** Whether JSON text would write it as an integer that a double cannot hold: below 10^21 no exponent is written. */
const isUnsafe = (value: number): boolean => Math.abs(value) > Number.MAX_SAFE_INTEGER && Math.abs(value) < 1e21

const acceptable = (value: Json): Json => {
  if (typeof value === "string") return storable(value)
  if (typeof value === "number" && isUnsafe(value)) return value / 2 ** 64
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(acceptable)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key === "__proto__" ? "proto" : storable(key), acceptable(inner)])
  )
}

/** Any JSON value that the contract accepts inside metadata, nested `null`s, astral characters and tiny doubles included. */
export const json: Arbitrary.Arbitrary<Json> = oneOf([
  Arbitrary.map(Arbitrary.schema(Schema.Json), acceptable),
  constants<Json>(["", "👍🏽", "\u2028\u2029\uFEFF", 0, 5e-324, 1.7976931348623157e308, 2 ** 53 - 1, 0.1, [], {}, [null]])
])

/** A key of metadata: mostly one of five, so that patches meet. */
export const metadataKey: Arbitrary.Arbitrary<string> = oneOf([
  constants(["a", "b", "c", "constructor", "ключ 🔑"]),
  Arbitrary.map(Arbitrary.schema(Schema.String), (text) => storable(text).slice(0, 64).toWellFormed() || "a")
])

const entries = <A>(value: Arbitrary.Arbitrary<A>): Arbitrary.Arbitrary<{ readonly [key: string]: A }> =>
  Arbitrary.array(Arbitrary.all([metadataKey, value]), { maxLength: 8 }).pipe(
    // `fromEntries` defines properties; an assignment to `__proto__` would not.
    Arbitrary.map((pairs) => Object.fromEntries(pairs.filter(([key]) => key !== "__proto__")))
  )

/** Metadata as a session may hold it: no `null` at the top. */
export const metadata: Arbitrary.Arbitrary<JsonObject> = entries(
  Arbitrary.map(json, (value) => (value === null ? 0 : value))
)

/** A patch for metadata that the contract accepts: keys to set, and `null` for keys to remove. */
export const metadataPatch: Arbitrary.Arbitrary<MetadataPatch> = entries(oneOf([json, Arbitrary.Constant(null)]))

/** A valid update, without an expected revision. */
export const updateSessionInput: Arbitrary.Arbitrary<UpdateSessionInput> = Arbitrary.map(
  Arbitrary.all([Arbitrary.schema(UpdateSessionInput), metadataPatch]),
  ([{ expectedRevision: _, ...input }, patch]) => ({ ...input, metadata: patch })
)

/** A valid creation. */
export const createSessionInput: Arbitrary.Arbitrary<CreateSessionInput> = Arbitrary.map(
  Arbitrary.all([Arbitrary.schema(CreateSessionInput), metadataPatch]),
  ([input, patch]) => ({ ...input, metadata: patch })
)

/** An idempotency key. */
export const idempotencyKey: Arbitrary.Arbitrary<IdempotencyKey> = Arbitrary.schema(IdempotencyKey)

/** A value that may not stand in metadata, and the code of the one rule that it breaks. */
export interface Hostile {
  readonly value: unknown
  readonly code: IssueCode
}

const nested = (levels: number): unknown => (levels === 0 ? "deep" : [nested(levels - 1)])

const offences: ReadonlyArray<Hostile> = [
  { code: "invalid_text", value: "a\u0000b" },
  { code: "invalid_text", value: "\ud83d" },
  { code: "invalid_text", value: "\udc4d\ud83d" },
  { code: "invalid_text", value: { "\udfff": 1 } },
  { code: "forbidden_key", value: JSON.parse('{"__proto__": {"polluted": true}}') as unknown },
  { code: "not_finite", value: Number.POSITIVE_INFINITY },
  { code: "not_finite", value: Number.NaN },
  { code: "unsafe_number", value: 2n ** 53n },
  { code: "wrong_type", value: undefined },
  { code: "wrong_type", value: Symbol.iterator },
  { code: "wrong_type", value: new Map([["a", 1]]) },
  { code: "too_deep", value: nested(17) },
  { code: "too_large", value: "x".repeat(16_384) }
]

/** A hostile value on its own, or inside harmless ones. */
export const hostileJson: Arbitrary.Arbitrary<Hostile> = Arbitrary.map(
  Arbitrary.all([constants(offences), Arbitrary.array(constants(["array", "object"]), { maxLength: 8 }), json]),
  ([{ code, value }, wrappers, neighbour]) => ({
    code,
    value: wrappers.reduce<unknown>(
      (inner, wrapper) => (wrapper === "array" ? [neighbour, inner] : { neighbour, inner }),
      value
    )
  })
)

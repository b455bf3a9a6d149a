/**
 * Key inflection: the same field names in `snake_case`, `camelCase` or `kebab-case` (contract §8).
 *
 * It is for the contract's own names only. What the caller owns, the keys inside metadata, is never passed through here.
 */
import { Result, Schema } from "effect"
import { KeyInflection } from "./domain/ApiKey.ts"
import { BadRequest } from "./Errors.ts"

const isInflection = Schema.is(KeyInflection)

/** The value of a `Key-Inflection` header, or `BadRequest` with code `invalid_inflection`. */
export const parseInflection = (value: string): Result.Result<KeyInflection, BadRequest> =>
  isInflection(value)
    ? Result.succeed(value)
    : Result.fail(new BadRequest({ code: "invalid_inflection", message: "Key-Inflection is snake, camel or kebab" }))

/**
 * A field name of the contract in the wanted casing, from any of the three.
 *
 * @example
 * inflect("externalRef", "snake") // "external_ref"
 * inflect("external-ref", "camel") // "externalRef"
 */
export const inflect = (name: string, inflection: KeyInflection): string => {
  switch (inflection) {
    case "camel":
      return name.replace(/[_-]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    case "snake":
      return separated(name, "_")
    case "kebab":
      return separated(name, "-")
  }
}

const separated = (name: string, separator: string): string =>
  name.replace(/[A-Z]/g, (letter) => `${separator}${letter.toLowerCase()}`).replace(/[_-]/g, separator)

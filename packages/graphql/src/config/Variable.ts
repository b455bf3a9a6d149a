/**
 * Environment variables that are wrong in one line: each says its name and what it takes, and never repeats its value, which
 * may be a secret. All that are wrong are reported together.
 */
import { Config, Effect, Option, Schema } from "effect"

/** The environment cannot be used: one line for each variable that is wrong. */
export class InvalidConfiguration extends Schema.TaggedError<InvalidConfiguration>()("InvalidConfiguration", {
  problems: Schema.Array(Schema.String)
}) {
  override get message() {
    return this.problems.join("\n")
  }
}

/** A variable: its value, or a line that says what is wrong with it. */
export type Variable<A> = Effect.Effect<A, string>

/**
 * A variable that may be absent; empty counts as absent. `parse` answers `undefined` for a text that is not good.
 *
 * @example
 * variable("PORT", "a port from 0 to 65535", parsePort, 4000)
 */
export const variable = <A, B>(
  name: string,
  takes: string,
  parse: (text: string) => A | undefined,
  fallback: B
): Variable<A | B> =>
  Effect.gen(function* () {
    const text = Option.getOrElse(yield* Config.option(Config.String(name)), () => "").trim()
    if (text === "") return fallback
    const value = parse(text)
    return value === undefined ? yield* Effect.fail("wrong") : value
  }).pipe(Effect.mapError(() => `${name} takes ${takes}`))

/** Reads a comma-separated list; what stands between two commas may not be empty. */
export const list =
  <A>(parse: (text: string) => A | undefined) =>
  (text: string): ReadonlyArray<A> | undefined => {
    const items = text.split(",").map((item) => parse(item.trim()))
    return items.includes(undefined) ? undefined : (items as ReadonlyArray<A>)
  }

/** One of a few words, in any case. */
export const oneOf =
  <const A extends string>(words: ReadonlyArray<A>) =>
  (text: string): A | undefined =>
    words.find((word) => word.toLowerCase() === text.toLowerCase())

/** Reads all variables of a record, or fails with everything that is wrong. */
export const readAll = Effect.fnUntraced(function* <const Variables extends Record<string, Variable<unknown>>>(
  variables: Variables
) {
  const [values, problems] = yield* Effect.partition(Object.entries(variables), ([name, variable]) =>
    Effect.map(variable, (value) => [name, value] as const)
  )
  if (problems.length > 0) return yield* new InvalidConfiguration({ problems })
  return Object.fromEntries(values) as { readonly [Name in keyof Variables]: Effect.Success<Variables[Name]> }
})

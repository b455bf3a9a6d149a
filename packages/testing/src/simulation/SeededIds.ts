/** Identifiers by chance that can be had again, in the form that the library demands: they sort by their time. */
import { IdGenerator } from "@holdfast/core"
import type { IdByPrefix } from "@holdfast/core"
import { Clock, Effect, Layer } from "effect"
import type { Chance } from "./Chance.ts"

const alphabet = [..."0123456789abcdefghjkmnpqrstvwxyz"]

/** Every two digits: twice as fast as one by one. */
const pairs = alphabet.flatMap((high) => alphabet.map((low) => high + low))

/** Ten digits of time. */
const timeDigits = (now: number): string => {
  let digits = ""
  for (let rest = now; digits.length < 10; rest = Math.floor(rest / 1024)) digits = pairs[rest % 1024] + digits
  return digits
}

/** Sixteen digits by chance. */
const chanceDigits = (chance: Chance): string => {
  let digits = ""
  while (digits.length < 16) digits += pairs[chance.below(1024)]
  return digits
}

/** An {@link IdGenerator} that draws from `chance`. */
export const layerSeededIds = (chance: Chance): Layer.Layer<IdGenerator> =>
  Layer.succeed(
    IdGenerator,
    IdGenerator.of({
      next: <Prefix extends keyof IdByPrefix>(prefix: Prefix) =>
        Effect.map(
          Clock.currentTimeMillis,
          (now) => `${prefix}_${timeDigits(now)}${chanceDigits(chance)}` as IdByPrefix[Prefix]
        ),
      randomBytes: (size) => Effect.sync(() => Uint8Array.from({ length: size }, () => chance.below(256)))
    })
  )

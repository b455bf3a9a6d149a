/** Chance that a seed repeats: the same seed throws the same numbers, in the same order. */
import { Effect, Random } from "effect"

/** A source of chance of one's own. */
export interface Dice {
  /** An integer, both ends included. */
  readonly between: (from: number, to: number) => number
  /** Whether something of this probability happens. */
  readonly chance: (probability: number) => boolean
  /** One of a list that is not empty. */
  readonly pick: <A>(list: ReadonlyArray<A>) => A
  /** One of several, each as often as its weight says. */
  readonly weighted: <A>(choices: ReadonlyArray<readonly [weight: number, choice: A]>) => A
}

/** Dice of a seed. */
export const makeDice = (seed: string): Effect.Effect<Dice> =>
  Effect.map(Random.withSeed(Random.Random, seed), (random) => {
    const between = (from: number, to: number) => from + Math.floor(random.nextDoubleUnsafe() * (to - from + 1))
    const pick = <A>(list: ReadonlyArray<A>): A => list[between(0, list.length - 1)] as A
    return {
      between,
      pick,
      chance: (probability) => random.nextDoubleUnsafe() < probability,
      weighted: (choices) => {
        let left = random.nextDoubleUnsafe() * choices.reduce((sum, [weight]) => sum + weight, 0)
        return (choices.find(([weight]) => (left -= weight) < 0) ?? pick(choices))[1]
      }
    }
  })

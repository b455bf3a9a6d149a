/** Chance that can be had again: everything that a simulation leaves to chance comes from one seed. */

/** Draws from a sequence that its seed determines. */
export interface Chance {
  /** A number from 0 up to 1, without 1. */
  readonly next: () => number
  /** Whether something happens whose probability is given. */
  readonly happens: (probability: number) => boolean
  /** A whole number from 0 up to `below`, without it. */
  readonly below: (below: number) => number
  /** One of a list, each as likely. */
  readonly oneOf: <A>(list: readonly [A, ...ReadonlyArray<A>]) => A
}

/** The sequence of a seed, by the generator `mulberry32`. Good enough to mix, and of no use for secrets. */
export const makeChance = (seed: number): Chance => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (below: number) => Math.floor(next() * below)
  return {
    next,
    below,
    happens: (probability) => next() < probability,
    oneOf: (list) => list[below(list.length)] ?? list[0]
  }
}

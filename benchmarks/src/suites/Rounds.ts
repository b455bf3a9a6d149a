/**
 * Interleaved rounds: A B C, A B C, …. A machine that others use is slow for a minute and fast for the next; in turns of a few
 * seconds everyone gets the same share of both, and what is compared is compared within a round. Before each measurement there
 * is a short one that does not count. Whoever has no turn is held: what servers do by themselves, such as sweeping, they do in
 * their own turns.
 */
import { spawnSync } from "node:child_process"
import type { Contender } from "../Contender.ts"
import type { Dataset } from "../Job.ts"
import type { Running } from "../Running.ts"
import type { Bench } from "./Suite.ts"

/** Someone whose turn comes in every round. */
export interface Entry {
  readonly name: string
  readonly contender: Contender
  readonly dataset?: Partial<Dataset>
}

/** What came of an entry. */
export interface Standing<A> extends Entry {
  /** What was measured in each round, up to a failure. */
  readonly rounds: ReadonlyArray<A>
  readonly failure: string | null
}

/** When somebody has just started: so many updates for compilers and caches, but no more than so many times two seconds. */
const firstWarmUp = { updates: 10_000, seconds: 2, times: 4 }

/** Seconds before each measurement: whoever was held for a minute has to find its memory and its code again. */
const warmUp = 1

/** A contender by itself, as an entry. */
export const asEntry = (contender: Contender): Entry => ({ name: contender.name, contender })

/** How many updates are under way at once with this contender. */
export const concurrencyOf = ({ concurrency }: Contender, { options }: Bench): number =>
  concurrency ?? options.connections

const getWarm = async (running: Running, bench: Bench): Promise<void> => {
  let done = 0
  for (let time = 0; time < firstWarmUp.times && done < firstWarmUp.updates; time++) {
    done += (await closedLoop(running, bench, "fresh", firstWarmUp.seconds)).count
  }
}

/** Loads a contender with callers that each ask again when they were answered. */
export const closedLoop = (running: Running, bench: Bench, load: "fresh" | "replay", seconds: number) =>
  running.measure({ loop: { kind: "closed", concurrency: concurrencyOf(running.contender, bench) }, load, seconds })

/**
 * Starts the entries, and gives each its turn in every round. One that fails is out, and says why. `finish` may look at one that
 * still runs, at the end.
 */
export const inRounds = async <A>(
  bench: Bench,
  entries: ReadonlyArray<Entry>,
  turn: (running: Running) => Promise<A>,
  describe: (measured: A) => string
): Promise<ReadonlyArray<Standing<A>>> => {
  const all = entries.map((entry) => ({
    ...entry,
    rounds: new Array<A>(),
    failure: null as string | null,
    running: null as Running | null
  }))
  const attempt = async (one: (typeof all)[number], work: () => Promise<void>) => {
    if (one.failure !== null) return
    await work().catch((error: unknown) => {
      one.failure = messageOf(error)
      bench.say(`${one.name} is out: ${one.failure}`)
    })
  }
  for (const one of all) {
    await attempt(one, async () => {
      const { contender, dataset, name } = one
      if (isMissing(contender)) throw new Error(`there is no ${contender.needs} here`)
      bench.say(`start ${name}`)
      one.running = await bench.lab.start(contender, dataset)
      await getWarm(one.running, bench)
      one.running.run(false)
    })
  }
  for (let round = 1; round <= bench.options.rounds; round++) {
    for (const one of all) {
      await attempt(one, async () => {
        if (one.running === null) return
        one.running.run(true)
        await closedLoop(one.running, bench, "fresh", warmUp)
        const measured = await turn(one.running)
        one.running.run(false)
        one.rounds.push(measured)
        bench.say(`round ${round} of ${bench.options.rounds}: ${one.name} ${describe(measured)}`)
      })
    }
  }
  for (const one of all) await one.running?.stop()
  return all.map(({ running: _, ...standing }) => standing)
}

/** What an error says, and what is behind it. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}\n${messageOf(error.cause)}`
}

const isMissing = ({ needs }: Contender): boolean =>
  needs !== undefined && spawnSync(needs, ["--version"]).error !== undefined

/** Why entries are out, a line each. */
export const failuresOf = (standings: ReadonlyArray<Standing<unknown>>): ReadonlyArray<string> =>
  standings.flatMap(({ failure, name }) => (failure === null ? [] : [`${name}: ${failure}`]))

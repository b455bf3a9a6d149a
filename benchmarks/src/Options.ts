/** The command line of the benchmarks. */
import { parseArgs } from "node:util"
import type { Contender } from "./Contender.ts"
import { contenderNamed, contenders } from "./Contenders.ts"

const suiteNames = ["throughput", "replay", "latency", "growth", "memory", "startup"] as const
/** Name of a suite. */
type SuiteName = (typeof suiteNames)[number]

/** What to measure, and how. */
export interface Options {
  readonly suites: ReadonlyArray<SuiteName>
  readonly contenders: ReadonlyArray<Contender>
  /** Whether the contenders were named, or are all there are. */
  readonly chosen: boolean
  readonly rounds: number
  /** Seconds of each measurement. */
  readonly seconds: number
  /** Callers of a closed loop. */
  readonly connections: number
  /** Requests a second of the open loop; `null`: 80 % of what each contender can do. */
  readonly openLoop: number | null
  /** How long memory is watched. */
  readonly minutes: number
  /** Where the figures go as JSON. */
  readonly json: string | null
}

/** What there is to say about the command. */
export const help = `pnpm bench [options]

  --suite name…          ${suiteNames.join(", ")} or all (throughput, replay)
                         throughput and replay take a quarter of an hour, all of them more than one
  --contender name…      only these (all)
  --rounds n             rounds, in each of which every contender has its turn (5)
  --seconds n            length of a measurement (2)
  --connections n        callers of the closed loop (32)
  --open-loop rate       requests a second of the open loop (80 % of what a contender can do)
  --minutes n            how long memory is watched (10)
  --json file            the figures as JSON
  --list, --help         the contenders; this

Lists are separated by spaces or commas.
`

/** Reads the command line. Throws with a sentence for whoever wrote it. */
export const readOptions = (given: ReadonlyArray<string>): Options => {
  const { values } = parseArgs({
    args: joinLists(given),
    options: {
      suite: { type: "string", multiple: true, default: ["throughput,replay"] },
      contender: { type: "string", multiple: true },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      connections: { type: "string", default: "32" },
      "open-loop": { type: "string" },
      minutes: { type: "string", default: "10" },
      json: { type: "string" }
    }
  })
  const chosen = values.contender?.flatMap((text) => text.split(",")).map(contenderNamed)
  const openLoop = values["open-loop"]
  return {
    suites: values.suite.flatMap((text) => text.split(",")).flatMap(suitesNamed),
    contenders: chosen ?? contenders,
    chosen: chosen !== undefined,
    rounds: positive("rounds", values.rounds),
    seconds: positive("seconds", values.seconds),
    connections: positive("connections", values.connections),
    openLoop: openLoop === undefined ? null : positive("open-loop", openLoop),
    minutes: positive("minutes", values.minutes),
    json: values.json ?? null
  }
}

/** `--contender a b` is `--contender a,b`. */
const joinLists = (given: ReadonlyArray<string>): Array<string> => {
  const joined: Array<string> = []
  for (const word of given) {
    const [flag, list] = [joined.at(-2), joined.at(-1)]
    if ((flag === "--suite" || flag === "--contender") && !word.startsWith("-")) joined.splice(-1, 1, `${list},${word}`)
    else joined.push(word)
  }
  return joined
}

const suitesNamed = (name: string): ReadonlyArray<SuiteName> => {
  if (name === "all") return suiteNames
  const found = suiteNames.find((suite) => suite === name)
  if (found === undefined) throw new Error(`There is no suite ${name}; there are ${suiteNames.join(", ")} and all`)
  return [found]
}

const positive = (name: string, text: string): number => {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0`)
  return value
}

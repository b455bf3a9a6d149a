/** Memory over minutes of load at full speed: flat, or growing? */
import { count, decimal, megabytes } from "../Report.ts"
import { slope } from "../Statistics.ts"
import { closedLoop, messageOf } from "./Rounds.ts"
import type { Bench, Findings } from "./Suite.ts"

/** Seconds between two looks. */
const interval = 5

/** The first share of the time does not count for the slope: that is when caches and heaps fill. */
const settling = 0.2

interface Watched {
  readonly contender: string
  readonly points: ReadonlyArray<readonly [minutes: number, megabytes: number]>
  readonly first: number
  readonly last: number
  readonly peak: number
}

/** Watches Holdfast's servers, unless others are named. */
export const memory = async (bench: Bench): Promise<Findings> => {
  const { chosen, contenders, minutes } = bench.options
  const watched: Array<Watched> = []
  const failures: Array<string> = []
  for (const contender of contenders.filter(({ role, serves }) => chosen || (role === "ours" && serves !== null))) {
    try {
      const running = await bench.lab.start(contender)
      const points: Array<readonly [number, number]> = []
      const rates: Array<number> = []
      for (const begun = performance.now(); performance.now() - begun < minutes * 60_000;) {
        rates.push((await closedLoop(running, bench, "fresh", interval)).throughput)
        const at = (performance.now() - begun) / 60_000
        points.push([at, running.usage().memory / 1e6])
        bench.say(`${contender.name}: ${megabytes(running.usage().memory)} after ${decimal(at)} of ${minutes} minutes`)
      }
      const [first = Number.NaN, last = Number.NaN] = [rates[1] ?? rates[0], rates.at(-1)]
      watched.push({ contender: contender.name, points, first, last, peak: running.usage().peak })
      await running.stop()
    } catch (error) {
      failures.push(`${contender.name}: ${messageOf(error)}`)
    }
  }
  const rows = watched.map(({ contender, first, last, peak, points }) => {
    const settled = points.filter(([at]) => at >= minutes * settling)
    const at = (place: number) => megabytes((points.at(place)?.[1] ?? Number.NaN) * 1e6)
    const settledAt = megabytes((settled[0]?.[1] ?? Number.NaN) * 1e6)
    return [
      contender,
      at(0),
      settledAt,
      at(-1),
      megabytes(peak),
      `${decimal(slope(settled))} MB`,
      count(first),
      count(last)
    ]
  })
  return {
    tables: [
      {
        title: `Memory over ${minutes} minutes at full load`,
        columns: [
          "contender",
          "at first",
          "settled",
          "at last",
          "peak",
          "growth a minute",
          "updates/s at first",
          "at last"
        ],
        rows,
        notes: [
          `Resident memory, every ${interval} s. Growth is the slope by least squares after the first fifth of the time.`
        ]
      }
    ],
    figures: watched,
    failures,
    bars: { "peak memory": Math.max(...watched.map(({ peak }) => peak / 1e6)) }
  }
}

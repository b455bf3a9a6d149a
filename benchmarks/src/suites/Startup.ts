/** From the start of the process to the first update that it answers, on a database that is there and with warm caches. */
import { firstNumber } from "../Job.ts"
import { decimal } from "../Report.ts"
import { median } from "../Statistics.ts"
import { timeToFirstAnswer } from "../Running.ts"
import { messageOf } from "./Rounds.ts"
import type { Bench, Findings } from "./Suite.ts"

/** Starts that count; one before them does not. */
const starts = 7

/** Updates of this suite are numbered apart from those of the drivers. */
const numbers = firstNumber * 2

/** Starts every server. */
export const startup = async (bench: Bench): Promise<Findings> => {
  const figures: Array<{ readonly name: string; readonly role: string; readonly seconds: ReadonlyArray<number> }> = []
  const failures: Array<string> = []
  for (const contender of bench.options.contenders.filter(({ serves }) => serves !== null)) {
    try {
      const running = await bench.lab.start(contender)
      await running.once(numbers)
      await running.stop()
      const seconds: Array<number> = []
      for (let start = 0; start <= starts; start++) {
        const took = await timeToFirstAnswer(contender, running.place, numbers + 1 + start)
        if (start > 0) seconds.push(took)
      }
      figures.push({ name: contender.name, role: contender.role, seconds })
      bench.say(`${contender.name} answers after ${decimal(median(seconds))} s`)
    } catch (error) {
      failures.push(`${contender.name}: ${messageOf(error)}`)
    }
  }
  return {
    tables: [
      {
        title: "Start to first answer",
        columns: ["contender", "role", "median s", "fastest s", "slowest s"],
        rows: figures.map(({ name, role, seconds }) => [
          name,
          role,
          decimal(median(seconds)),
          decimal(Math.min(...seconds)),
          decimal(Math.max(...seconds))
        ]),
        notes: [`${starts} starts each, after one that does not count. The first answer is an update that was applied.`]
      }
    ],
    figures,
    failures,
    bars: Object.fromEntries(figures.map(({ name, seconds }) => [`start of ${name}`, median(seconds)]))
  }
}

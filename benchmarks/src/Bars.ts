/** The figures that were promised, beside what was measured. Nothing fails when one is missed: the documentation says why. */
import { decimal } from "./Report.ts"
import type { Table } from "./Report.ts"

interface Bar {
  readonly figure: string
  /** By this name a suite gives the figure. */
  readonly name: string
  readonly bar: number
  readonly aim: number
  readonly unit: string
  /** Whether less is better. */
  readonly below?: boolean
}

const bars: ReadonlyArray<Bar> = [
  {
    figure: "durable update over GraphQL on SQLite ÷ tuned Yoga that stores nothing",
    name: "over the reference",
    bar: 0.8,
    aim: 1.2,
    unit: ""
  },
  { figure: "the same ÷ the best peer", name: "over the best peer", bar: 1.5, aim: 3, unit: "" },
  { figure: "replay ÷ fresh update, SQLite", name: "replay of holdfast-sqlite", bar: 1.2, aim: 1.5, unit: "" },
  { figure: "replay ÷ fresh update, PostgreSQL", name: "replay of holdfast-postgres", bar: 1.2, aim: 1.5, unit: "" },
  {
    figure: "on PostgreSQL ÷ the best peer on PostgreSQL",
    name: "over the best peer on PostgreSQL",
    bar: 1.5,
    aim: 3,
    unit: ""
  },
  {
    figure: "`Sessions.update` in process ÷ raw `node:sqlite`, 32 together",
    name: "in process, 32",
    bar: 0.3,
    aim: 0.5,
    unit: ""
  },
  {
    figure: "`Sessions.update` in process ÷ raw `node:sqlite`, 64 together",
    name: "in process, 64",
    bar: 0.3,
    aim: 0.5,
    unit: ""
  },
  {
    figure: "p99 under 80 % of the top load, SQLite",
    name: "p99 of holdfast-sqlite",
    bar: 20,
    aim: 10,
    unit: " ms",
    below: true
  },
  {
    figure: "p99 under 80 % of the top load, PostgreSQL",
    name: "p99 of holdfast-postgres",
    bar: 20,
    aim: 10,
    unit: " ms",
    below: true
  },
  {
    figure: "throughput at 10^6 sessions ÷ at 10^3, SQLite",
    name: "growth of holdfast-sqlite",
    bar: 0.9,
    aim: 1,
    unit: ""
  },
  {
    figure: "throughput at 10^6 sessions ÷ at 10^3, PostgreSQL",
    name: "growth of holdfast-postgres",
    bar: 0.9,
    aim: 1,
    unit: ""
  },
  {
    figure: "start to first answer, SQLite",
    name: "start of holdfast-sqlite",
    bar: 1.5,
    aim: 0.8,
    unit: " s",
    below: true
  },
  { figure: "peak memory under load", name: "peak memory", bar: 200, aim: 140, unit: " MB", below: true }
]

/** The bars whose figures were measured; `null` if none was. */
export const barTable = (measured: Readonly<Record<string, number>>): Table | null => {
  const rows = bars.flatMap((one) => {
    const value = measured[one.name]
    if (value === undefined || !Number.isFinite(value)) return []
    const reaches = (mark: number) => (one.below === true ? value <= mark : value >= mark)
    const state = reaches(one.aim) ? "aim reached" : reaches(one.bar) ? "bar reached" : "missed"
    return [[one.figure, decimal(value) + one.unit, `${one.bar}${one.unit}`, `${one.aim}${one.unit}`, state]]
  })
  if (rows.length === 0) return null
  return { title: "Bars", columns: ["figure", "measured", "bar", "aim", ""], rows, notes: [] }
}

/**
 * Latency below saturation, from an open loop: requests are due at a fixed rate, and each latency counts from when its request was
 * due. The rate is 80 % of what the contender answered in a closed loop just before, unless a rate is given.
 */
import { count, decimal } from "../Report.ts"
import type { Measured, Running } from "../Running.ts"
import { median } from "../Statistics.ts"
import { asEntry, closedLoop, concurrencyOf, failuresOf, inRounds } from "./Rounds.ts"
import type { Bench, Findings } from "./Suite.ts"

/** A closed loop, and an open one below what it reached. */
export interface Below {
  readonly top: Measured
  readonly rate: number
  readonly open: Measured
}

/** The share of the top load. */
const share = 0.8

/** Finds the top load, and then loads with less. */
export const below = async (running: Running, bench: Bench): Promise<Below> => {
  const { openLoop, seconds } = bench.options
  const top = await closedLoop(running, bench, "fresh", Math.min(seconds, 2))
  const rate = openLoop ?? top.throughput * share
  const loop = { kind: "open", rate, concurrency: concurrencyOf(running.contender, bench) * 4 } as const
  return { top, rate, open: await running.measure({ loop, load: "fresh", seconds }) }
}

/** Measures whoever answers requests or calls; a limit has nobody who waits. */
export const latency = async (bench: Bench): Promise<Findings> => {
  const entries = bench.options.contenders.filter(({ role }) => role !== "limit").map(asEntry)
  const standings = await inRounds(
    bench,
    entries,
    (running) => below(running, bench),
    ({ open, rate }) => `p99 ${decimal(open.latency.p99)} ms at ${count(rate)}/s`
  )
  const rows = standings.flatMap(({ contender, name, rounds }) => {
    if (rounds.length === 0) return []
    const of = (pick: (one: Below) => number) => decimal(median(rounds.map(pick)))
    return [
      [
        name,
        contender.role,
        count(median(rounds.map(({ top }) => top.throughput))),
        of(({ top }) => top.latency.p99),
        count(median(rounds.map(({ rate }) => rate))),
        of(({ open }) => open.latency.p50),
        of(({ open }) => open.latency.p90),
        of(({ open }) => open.latency.p99),
        decimal(Math.max(...rounds.map(({ open }) => open.latency.max)))
      ]
    ]
  })
  const bars = standings.map(({ name, rounds }) => [
    `p99 of ${name}`,
    median(rounds.map(({ open }) => open.latency.p99))
  ])
  const at = bench.options.openLoop === null ? "80 % of the top load" : "a fixed rate"
  return {
    tables: [
      {
        title: `Latency at ${at}`,
        columns: ["contender", "role", "top/s", "p99 at top", "rate/s", "p50 ms", "p90 ms", "p99 ms", "max ms"],
        rows,
        notes: [
          "Open loop: latencies count from the moment a request was due, so that whoever waits behind a stall is counted. Resolution 1 ms.",
          "`p99 at top` is of the closed loop, whose callers ask less while they wait: it hides what a stall costs others (coordinated omission)."
        ]
      }
    ],
    figures: standings.map(({ failure, name, rounds }) => ({ name, failure, rounds })),
    failures: failuresOf(standings),
    bars: Object.fromEntries(bars) as Record<string, number>
  }
}

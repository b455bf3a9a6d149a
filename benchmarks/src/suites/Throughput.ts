/**
 * Throughput of fresh updates and of their replays, side by side. A replay is measured right behind the fresh updates that it
 * repeats, so that their ratio is of one round too.
 */
import type { Contender } from "../Contender.ts"
import { count, decimal, megabytes } from "../Report.ts"
import type { Table } from "../Report.ts"
import type { Measured } from "../Running.ts"
import { median, medianRatio as over } from "../Statistics.ts"
import { asEntry, closedLoop, failuresOf, inRounds } from "./Rounds.ts"
import type { Standing } from "./Rounds.ts"
import type { Bench, Findings } from "./Suite.ts"

/** A turn. */
interface Turn {
  readonly fresh: Measured
  readonly replay: Measured | null
}

type Standings = ReadonlyArray<Standing<Turn>>

/** What the others are compared with. */
const reference = "yoga-tuned"

/** Measures the contenders; with `replays`, also how fast each answers what it has done. */
export const throughput = async (
  bench: Bench,
  { fresh, replays }: { fresh: boolean; replays: boolean }
): Promise<Findings> => {
  const { chosen, contenders, seconds } = bench.options
  const entries = contenders.filter((contender) => fresh || contender.replays).map(asEntry)
  const standings = await inRounds(
    bench,
    entries,
    async (running): Promise<Turn> => ({
      fresh: await closedLoop(running, bench, "fresh", seconds),
      replay: replays && running.contender.replays ? await closedLoop(running, bench, "replay", seconds) : null
    }),
    ({ fresh, replay }) =>
      `${count(fresh.throughput)}/s${replay === null ? "" : `, replays ${count(replay.throughput)}/s`}`
  )
  // What a machine cannot have is no failure, unless it was asked for.
  const failures = failuresOf(standings.filter(({ contender }) => chosen || contender.needs === undefined))
  return {
    tables: [...(fresh ? [freshTable(standings, bench)] : []), ...(replays ? [replayTable(standings)] : [])],
    figures: standings.map(({ contender, failure, rounds }) => ({ contender: contender.name, failure, rounds })),
    failures,
    bars: barsOf(standings)
  }
}

const freshOf = ({ rounds }: Standing<Turn>) => rounds.map(({ fresh }) => fresh)
const replaysOf = ({ rounds }: Standing<Turn>) => rounds.flatMap(({ replay }) => (replay === null ? [] : [replay]))
const rates = (measured: ReadonlyArray<Measured>) => measured.map(({ throughput }) => throughput)

const columns = [
  "contender",
  "role",
  "updates/s",
  "p50 ms",
  "p90 ms",
  "p99 ms",
  "max ms",
  "CPU s",
  "CPU µs each",
  "memory"
]

/** A row of either table: medians over the rounds, the highest of what is a maximum, the sum of CPU seconds. */
const row = ({ contender, name }: Standing<Turn>, measured: ReadonlyArray<Measured>, ratio: number) => {
  const of = (pick: (one: Measured) => number) => measured.map(pick)
  const cpu = sum(of((one) => one.cpu))
  return [
    name,
    contender.role,
    count(median(rates(measured))),
    decimal(median(of(({ latency }) => latency.p50))),
    decimal(median(of(({ latency }) => latency.p90))),
    decimal(median(of(({ latency }) => latency.p99))),
    decimal(Math.max(...of(({ latency }) => latency.max))),
    decimal(cpu),
    decimal((cpu / sum(of((one) => one.count))) * 1e6),
    megabytes(Math.max(...of((one) => one.peak))),
    decimal(ratio)
  ]
}

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

const freshTable = (standings: Standings, { options }: Bench): Table => ({
  title: "Fresh updates",
  columns: [...columns, `÷ ${reference}`],
  rows: standings
    .filter(({ rounds }) => rounds.length > 0)
    .map((standing) => row(standing, freshOf(standing), over(rates(freshOf(standing)), ratesOf(standings, reference)))),
  notes: [
    `Closed loop of ${options.connections} callers unless the contender says otherwise, ${options.rounds} interleaved rounds of ${options.seconds} s; medians, and the median of the ratios of each round.`,
    "Each caller asks again only when it was answered, so that a stall delays few requests (coordinated omission): these latencies are those of the callers at full load. The open loop of the latency suite shows what independent clients would see.",
    ...loadNotes(standings),
    "CPU and the highest memory are those of the contender's process; the processes of PostgreSQL are not in them.",
    ...standings.map(
      ({ contender: { name, note }, failure }) =>
        `\`${name}\`: ${note}${failure === null ? "" : ` – left out: ${failure.split("\n", 1)[0]}`}`
    )
  ]
})

const loadNotes = (standings: Standings): ReadonlyArray<string> => {
  const limited = standings.filter((standing) => median(freshOf(standing).map(({ loadShare }) => loadShare)) > 0.85)
  return limited.length === 0
    ? []
    : [
        `The load had hardly any processor left, so that these could do more: ${limited.map(({ name }) => name).join(", ")}.`
      ]
}

const replayTable = (standings: Standings): Table => ({
  title: "Replays",
  columns: [...columns, "÷ its fresh updates"],
  rows: standings
    .filter((standing) => replaysOf(standing).length > 0)
    .map((standing) => row(standing, replaysOf(standing), replayRatio(standing))),
  notes: ["Each request repeats one of the fresh updates before it, key and all, and is answered from what was stored."]
})

const replayRatio = (standing: Standing<Turn>): number => over(rates(replaysOf(standing)), rates(freshOf(standing)))

const ratesOf = (standings: Standings, name: string): ReadonlyArray<number> =>
  standings.filter((standing) => standing.name === name).flatMap((standing) => rates(freshOf(standing)))

/** Whoever is fastest among the peers that do the whole job. */
const bestPeer = (standings: Standings, among: (contender: Contender) => boolean): ReadonlyArray<number> =>
  standings
    .filter(({ contender }) => contender.role === "peer" && contender.lacks === undefined && among(contender))
    .map((standing) => rates(freshOf(standing)))
    .filter((found) => found.length > 0)
    .reduce((first, second) => (median(first) > median(second) ? first : second), [])

const barsOf = (standings: Standings): Record<string, number> => {
  const of = (name: string) => ratesOf(standings, name)
  const servers = standings.filter(({ contender }) => contender.role === "ours" && contender.serves !== null)
  return {
    "over the reference": over(of("holdfast-sqlite"), of(reference)),
    "over the best peer": over(
      of("holdfast-sqlite"),
      bestPeer(standings, () => true)
    ),
    "over the best peer on PostgreSQL": over(
      of("holdfast-postgres"),
      bestPeer(standings, ({ engine }) => engine === "postgres")
    ),
    ...Object.fromEntries(servers.map((standing) => [`replay of ${standing.name}`, replayRatio(standing)])),
    "in process, 32": over(of("in-process-sqlite"), of("sqlite-groups-32")),
    "in process, 64": over(of("in-process-sqlite-64"), of("sqlite-groups-64")),
    "peak memory": Math.max(...servers.flatMap((standing) => freshOf(standing).map(({ peak }) => peak / 1e6)))
  }
}

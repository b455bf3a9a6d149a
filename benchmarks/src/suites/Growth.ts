/**
 * Growth: the same load over more of everything, one thing at a time. Each case has a database and a process of its own, and its
 * turn in every round, so that it is compared with the smallest case at the same moment.
 */
import type { Dataset } from "../Job.ts"
import { count, decimal } from "../Report.ts"
import { median, medianRatio } from "../Statistics.ts"
import { below } from "./Latency.ts"
import { failuresOf, inRounds } from "./Rounds.ts"
import type { Bench, Findings } from "./Suite.ts"

const cases: ReadonlyArray<{ readonly name: string; readonly dataset: Partial<Dataset> }> = [
  { name: "10^3 sessions", dataset: { sessions: 1_000 } },
  { name: "10^5 sessions", dataset: { sessions: 100_000 } },
  { name: "10^6 sessions", dataset: { sessions: 1_000_000 } },
  { name: "200 organizations", dataset: { sessions: 10_000, organizations: 200 } },
  { name: "50 metadata keys", dataset: { metadataKeys: 50 } },
  { name: "10^6 records, half swept", dataset: { records: 1_000_000 } }
]

/** Measures Holdfast's servers, unless others are named. */
export const growth = async (bench: Bench): Promise<Findings> => {
  const { chosen, contenders } = bench.options
  const grown = contenders.filter(({ role, serves }) => chosen || (role === "ours" && serves !== null))
  const found: Array<Findings> = []
  // One after the other: six processes and their databases at once are enough.
  for (const contender of grown) {
    const entries = cases.map(({ dataset, name }) => ({ name, contender, dataset }))
    const standings = await inRounds(
      bench,
      entries,
      (running) => below(running, bench),
      ({ open, top }) => `${count(top.throughput)}/s, p99 ${decimal(open.latency.p99)} ms`
    )
    const rates = (at: number) => standings[at]?.rounds.map(({ top }) => top.throughput) ?? []
    const rows = standings.flatMap(({ name, rounds }, at) => {
      if (rounds.length === 0) return []
      const p99 = (pick: "top" | "open") => decimal(median(rounds.map((round) => round[pick].latency.p99)))
      return [[name, count(median(rates(at))), decimal(medianRatio(rates(at), rates(0))), p99("top"), p99("open")]]
    })
    found.push({
      tables: [
        {
          title: `Growth: ${contender.name}`,
          columns: ["stored", "updates/s", "÷ 10^3 sessions", "p99 at top, ms", "p99 at 80 %, ms"],
          rows,
          notes: [
            "Unless the case says otherwise: 1,000 sessions of one organization, 10 metadata keys each, no records.",
            "The updates go all over the sessions. Of the 10^6 idempotency records every other one has expired when the server starts, and the sweeper is deleting those."
          ]
        }
      ],
      figures: {
        contender: contender.name,
        cases: standings.map(({ failure, name, rounds }) => ({ name, failure, rounds }))
      },
      failures: failuresOf(standings),
      bars: { [`growth of ${contender.name}`]: medianRatio(rates(2), rates(0)) }
    })
  }
  return {
    tables: found.flatMap(({ tables }) => tables),
    figures: found.map(({ figures }) => figures),
    failures: found.flatMap(({ failures }) => failures),
    bars: Object.assign({}, ...found.map(({ bars }) => bars)) as Record<string, number>
  }
}

/** Report: what became of all scenarios, as a table for people or as JSON for programs. */
import type { Call } from "@holdfast/testing"
import { faults } from "./Journal.ts"
import type { Fault } from "./Journal.ts"
import { isBad } from "./Runner.ts"
import type { Verdict } from "./Runner.ts"

/** A whole run. */
export interface Report {
  readonly seed: string
  readonly verdicts: ReadonlyArray<Verdict>
}

const faultNames: Readonly<Record<Fault, string>> = {
  kills: "kills",
  cutsBefore: "cuts before",
  cutsAfter: "cuts after",
  crashes: "crashes",
  powerCuts: "power cuts",
  ioErrors: "I/O errors"
}

/** The faults that happened, in words. */
export const faultsOf = (happened: Verdict["faults"]): string =>
  faults
    .filter((fault) => happened[fault] > 0)
    .map((fault) => `${happened[fault]} ${faultNames[fault]}`)
    .join(", ") || "–"

const milliseconds = (time: number): string => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`

const columns: ReadonlyArray<readonly [title: string, cell: (verdict: Verdict) => string]> = [
  ["scenario", ({ engine, scenario }) => `${engine} ${scenario}`],
  ["time", ({ isComplete, seconds }) => `${seconds} s${isComplete ? "" : " (cut short)"}`],
  ["requests", ({ summary }) => String(summary.calls)],
  ["keys", ({ summary }) => String(summary.keys)],
  ["faults", ({ faults }) => faultsOf(faults)],
  ["unknown", ({ summary }) => String(summary.unknown)],
  ["recovered", ({ summary }) => String(summary.recovered)],
  ["409", ({ inUse }) => String(inUse)],
  ["stuck", ({ stuck }) => String(stuck)],
  ["violations", ({ complaints, violations }) => String(violations.length + complaints.length)],
  ["p50", ({ summary }) => milliseconds(summary.p50)],
  ["p99", ({ summary }) => milliseconds(summary.p99)],
  ["worst wait", ({ worstWait }) => milliseconds(worstWait)]
]

/** The table, with notes and violations below it. */
export const toText = ({ seed, verdicts }: Report): string => {
  const run = verdicts.filter(({ notRun }) => notRun === null)
  const rows = [columns.map(([title]) => title), ...run.map((verdict) => columns.map(([, cell]) => cell(verdict)))]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  )
  return [...table, "", ...verdicts.flatMap(remarks), verdictOf(verdicts), `Seed ${seed}`].join("\n")
}

/** How many violations of one scenario are shown in full. */
const shown = 10

const remarks = (verdict: Verdict): ReadonlyArray<string> => {
  const name = `${verdict.engine} ${verdict.scenario}`
  if (verdict.notRun !== null) return [`${name}: NOT RUN, ${verdict.notRun}`]
  const { complaints, notes, violations } = verdict
  const hidden = Math.max(0, complaints.length - shown) + Math.max(0, violations.length - shown)
  return [
    ...notes.map((note) => `${name}: ${note}`),
    ...complaints.slice(0, shown).map((complaint) => `${name}: WRONG: ${complaint}`),
    ...violations
      .slice(0, shown)
      .map(({ calls, violation: { invariant, keys, message, sessions } }) =>
        [
          `${name}: WRONG: ${invariant} ${message} (sessions ${sessions.slice(0, 3).join(", ")}; keys ${keys.slice(0, 3).join(", ")})`,
          calls.slice(0, 4).map((call) => `\n  ${describe(call)}`)
        ].join("")
      ),
    ...(hidden > 0 ? [`${name}: and ${hidden} more`] : [])
  ]
}

const describe = ({ answer, answered, environment, id, input, key, operation, organization, sent, session }: Call) => {
  const request = JSON.stringify({ owner: `${organization}/${environment}`, operation, session, key, input })
  const until = answered === null ? "never" : answered.toFixed(1)
  return `call ${id}, ${sent.toFixed(1)} to ${until}: ${request} => ${JSON.stringify(answer)}`
}

const verdictOf = (verdicts: ReadonlyArray<Verdict>): string => {
  const bad = verdicts.filter(isBad).length
  const notRun = verdicts.filter((verdict) => verdict.notRun !== null).length
  const rest = notRun === 0 ? "" : `, ${notRun} not run`
  return `${verdicts.length - bad - notRun} scenarios passed, ${bad} failed${rest}`
}

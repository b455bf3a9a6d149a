/** Summary: the figures of a history, for a report beside the check's verdict. */
import type { Call, History } from "./History.ts"
import { nameOf, ownerOf } from "./invariants/Evidence.ts"

/** The figures of a history. Times are in milliseconds, over all calls that were answered; 0 if none was. */
export interface Summary {
  readonly calls: number
  /** Keys that were used, each counted once for each owner. */
  readonly keys: number
  /** Successes, replays included. */
  readonly ok: number
  readonly replayed: number
  /** Refusals by code, such as `idempotency_key_in_use`. */
  readonly failed: { readonly [code: string]: number }
  readonly unknown: number
  /** Keys whose first request got no answer, and whose outcome a later replay told. */
  readonly recovered: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Counts what a history holds. */
export const summarize = ({ calls }: History): Summary => {
  const oks = calls.filter(({ answer }) => answer.type === "ok")
  const codes = calls.flatMap(({ answer }) => (answer.type === "failed" ? [answer.code] : []))
  const byKey = Map.groupBy(
    calls.filter(({ key }) => key !== null),
    (call) => nameOf(ownerOf(call), call.key ?? "")
  )
  const times = calls
    .flatMap(({ answered, sent }) => (answered === null ? [] : [answered - sent]))
    .toSorted((a, b) => a - b)
  const percentile = (part: number) => times[Math.ceil(times.length * part) - 1] ?? 0
  return {
    calls: calls.length,
    keys: byKey.size,
    ok: oks.length,
    replayed: oks.filter(isReplay).length,
    failed: Object.fromEntries([...Map.groupBy(codes, (code) => code)].map(([code, all]) => [code, all.length])),
    unknown: calls.filter(({ answer }) => answer.type === "unknown").length,
    recovered: [...byKey.values()].filter(isRecovered).length,
    p50: percentile(0.5),
    p99: percentile(0.99),
    max: times.at(-1) ?? 0
  }
}

const isReplay = ({ answer }: Call): boolean => answer.type === "ok" && answer.replayed

const isRecovered = (calls: ReadonlyArray<Call>): boolean => {
  const [first, ...later] = calls.toSorted((a, b) => a.sent - b.sent)
  return first?.answer.type === "unknown" && later.some(isReplay)
}

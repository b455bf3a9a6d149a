/**
 * Journal: what happens during a scenario, written down as it happens. The calls are for the check, the rest is for the table.
 */
import type { Call } from "@holdfast/testing"
import type { Ask } from "./workload/Ask.ts"

/** What is done to the service. */
export const faults = ["kills", "cutsBefore", "cutsAfter", "crashes", "powerCuts", "ioErrors"] as const

/** A kind of fault. */
export type Fault = (typeof faults)[number]

/** The journal of one scenario. */
export class Journal {
  /** Every request that was sent, and what became of it. */
  readonly calls: Array<Call> = []
  /** How often which fault happened. */
  readonly faults: Record<Fault, number> = {
    kills: 0,
    cutsBefore: 0,
    cutsAfter: 0,
    crashes: 0,
    powerCuts: 0,
    ioErrors: 0
  }
  /** For each client that got its answer: how long it waited for it, every retry included, in milliseconds. */
  readonly waits: Array<number> = []
  /** By organization, environment and key: the request that was answered first. */
  readonly keys = new Map<string, Ask>()
  /** Requests that nobody answered although nothing was wrong any more. */
  readonly stuck: Array<Ask> = []
  /** What should not have happened, whatever the check says. */
  readonly complaints: Array<string> = []
  /** Figures worth knowing. */
  readonly notes: Array<string> = []
  /** Answers that said `IDEMPOTENCY_KEY_IN_USE`. */
  inUse = 0
  /** Since when clients ask, all servers being ready; `null` before. */
  busySince: number | null = null
  /** Since when nothing is wrong any more; `null` while something may be. */
  calmSince: number | null = null
}

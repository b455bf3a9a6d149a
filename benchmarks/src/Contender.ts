/** A contender: something that does the job, or less than the job, and is measured. */
import type { Wire } from "./wires/Wire.ts"

/**
 * Why it is here.
 *
 * - `ours`: Holdfast.
 * - `peer`: what one would write instead, on a well-known library; it does the whole job.
 * - `reference`: answers the same request and stores nothing.
 * - `limit`: writes the same rows with nothing around it.
 */
type Role = "ours" | "peer" | "reference" | "limit"

/** Which tables it works on: those of Holdfast, those that one would write by hand, or none. */
type Tables = "holdfast" | "by-hand" | "none"

/** What is known of a contender before it runs. */
export interface Contender {
  /** Its name in tables and on the command line. */
  readonly name: string
  readonly role: Role
  readonly engine: "sqlite" | "postgres" | "none"
  readonly tables: Tables
  /** How it is asked over HTTP; `null`: it has no server, and its program drives itself. */
  readonly serves: Wire | null
  /** Its program, from the folder `benchmarks`, and the arguments. It reads `PORT`, `DATABASE_URL` and `HOLDFAST_PEPPER`. */
  readonly program: readonly [file: string, ...args: ReadonlyArray<string>]
  /** How many updates are under way at once, where that is not for the command line to say. */
  readonly concurrency?: number
  /** Whether it keeps idempotency keys, so that replays can be measured. */
  readonly replays: boolean
  /** A part of the job that it does not do: it is measured, but never called the best peer. */
  readonly lacks?: string
  /** A program of the system that does the work. Where it is missing the contender is left out; its CPU and memory are not measured. */
  readonly needs?: string
  /** What to know about it, for the foot of a table. */
  readonly note: string
}

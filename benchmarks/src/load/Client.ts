/** A client: whoever can ask a contender for the job, over HTTP or in the same process. */
import type { Dataset } from "../Job.ts"
import type { Loop, Sample } from "./Loops.ts"

/** What came of one update, read in full. */
export type Outcome =
  | {
      readonly applied: true
      readonly session: string
      readonly revision: number
      readonly metadata: Readonly<Record<string, unknown>>
      readonly replayed: boolean
    }
  /** The code that says why not, in lower case. */
  | { readonly applied: false; readonly code: string }

/** Where a contender is, and what is stored there. */
export interface Place {
  /** Name of the contender. */
  readonly contender: string
  /** Begins the idempotency keys of this run. */
  readonly run: string
  readonly dataset: Dataset
  /** `sqlite:<path>`, `postgres://…`, or empty for one that stores nothing. */
  readonly databaseUrl: string
  /** Where a server listens, on 127.0.0.1; 0 for one that is no server. */
  readonly port: number
  /** The server secret of Holdfast. */
  readonly secret: string
  /** The API key of each organization, all of the same length. */
  readonly apiKeys: ReadonlyArray<string>
}

/** Asks for updates. */
export interface Client {
  /** Makes ready for so many updates at once. */
  readonly prepare: (concurrency: number) => Promise<void>
  /**
   * Asks for an update, and expects that it is applied, or replayed. Calls back, never before it returns, with what was wrong
   * with the answer, `null` if nothing was.
   */
  readonly send: (number: number, replayed: boolean, done: (problem: string | null) => void) => void
  /** Asks for an update under the key of another, and reads the answer in full. */
  readonly once: (number: number, keyNumber: number) => Promise<Outcome>
  readonly close: () => Promise<void>
  /** Measures in its place: for a program that brings its own load. */
  readonly measure?: (loop: Loop, seconds: number) => Promise<Sample>
}

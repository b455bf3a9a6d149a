/**
 * A facade as the table of cases sees it: something that takes an operation and answers with what came of it, in the library's
 * names and the contract's codes. How that looks over HTTP is the driver's business.
 */
import type { Effect } from "effect"

/** What can be asked for. */
export type Operation = "create" | "get" | "update" | "redact"

/** A request, whatever carries it. */
export interface FacadeRequest {
  readonly operation: Operation
  /** The text of the API key; `null` sends none. */
  readonly apiKey: string | null
  /** The session; of a creation there is none. */
  readonly id: string
  /** The fields of the input by the library's names, each as JSON text, so that nothing is lost before it is sent. */
  readonly input: { readonly [field: string]: string }
  readonly expectedRevision?: number | undefined
  /** The text of the `Idempotency-Key` header. */
  readonly idempotencyKey?: string | undefined
  /** The text of the `Verifa-Version` header. */
  readonly version?: string | undefined
  /** The text of the `Key-Inflection` header. */
  readonly inflection?: string | undefined
}

/** What came of it. */
export interface FacadeAnswer {
  /** The contract's code; `null` for a success. */
  readonly error: string | null
  /** What is wrong with the input: paths from the input's own top, with dots between the segments. */
  readonly issues: ReadonlyArray<readonly [path: string, code: string]>
  /** The session, with the names and values of the library's own object; `null` if there is none. */
  readonly session: { readonly [field: string]: unknown } | null
  readonly replayed: boolean
  /** Of a redaction: whether the session was redacted before. */
  readonly alreadyRedacted: boolean | null
}

/** A facade on a port. */
export interface Facade {
  readonly name: string
  readonly send: (request: FacadeRequest) => Effect.Effect<FacadeAnswer>
}

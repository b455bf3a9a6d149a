/** One request and its answer: what a handler knows beside the parameters of its own path. */
import type { ApiVersion, Caller, IdempotencyKey, KeyInflection } from "@holdfast/core"
import { Context } from "effect"

/** How an answer is written, before anything is known of what is in it. */
export interface Form {
  /** Identifier of the request: in the `X-Request-Id` header, in errors, in the log. */
  readonly requestId: string
  /** Casing of the answer's keys. */
  readonly inflection: KeyInflection
}

/** What is known of a request as soon as it arrives. */
export const Arrival = Context.Reference<{
  readonly requestId: string
  /** Address of the client, normalised; `null` if unknown. */
  readonly address: string | null
  /** The casing that the request asks for, if it asks for one that exists. */
  readonly inflection: KeyInflection | null
}>("@holdfast/rest/Arrival", { defaultValue: () => ({ requestId: "", address: null, inflection: null }) })

/** A request that was admitted: who asks, how the answer is to look, and what was sent. */
export class Exchange extends Context.Service<
  Exchange,
  Form & {
    readonly caller: Caller
    /** The version that is spoken. */
    readonly version: ApiVersion
    /** What the `Idempotency-Key` header says, on a request that changes something. */
    readonly idempotencyKey: IdempotencyKey | null
    /** A header by its lower-case name, or `null`. */
    readonly header: (name: string) => string | null
    /** The parsed body; `undefined` if there is none. Integers that a double cannot hold are `bigint`s. */
    readonly body: unknown
    /** The query as it was sent. */
    readonly query: { readonly [name: string]: string }
  }
>()("@holdfast/rest/Exchange") {}

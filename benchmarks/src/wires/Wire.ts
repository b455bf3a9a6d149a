/** A wire: how the job is written as an HTTP request, and how an answer to it reads. */
import type { Outcome } from "../load/Client.ts"
import type { Patch } from "../Job.ts"

/** What a request is made of. */
interface Asked {
  readonly session: string
  readonly key: string
  readonly apiKey: string
  readonly patch: Patch
}

/** A way to ask over HTTP. */
export interface Wire {
  readonly method: "POST" | "PATCH"
  readonly path: (asked: Asked) => string
  /** Headers besides those that every request has (`Host`, `Content-Type`, `Content-Length`, `X-API-Key`, `Idempotency-Key`). */
  readonly headers?: Readonly<Record<string, string>>
  readonly body: (asked: Asked) => object
  /** Stands in every answer to a first request, head included, and in no other. */
  readonly freshMark: string
  /** Stands in every answer that is a replay, head included, and in no other. */
  readonly replayMark: string
  /** What an answer says. Throws on what is no answer to the job. */
  readonly read: (answer: { readonly head: string; readonly body: unknown }) => Outcome
}

/**
 * What a resolver knows of its request. The plugins fill it in before anything executes; a resolver reads it and calls a
 * service, and has no other way to learn who asks.
 */
import type { Caller } from "@holdfast/core"
import type { Effect } from "effect"
import type { GraphQLParams } from "graphql-yoga"
import type { MaybePromise } from "./MaybePromise.ts"

/** What came of one mutation field that had an idempotency key. */
export interface IdempotencyReport {
  /** Response path of the field: its alias, or its name. */
  readonly path: ReadonlyArray<string>
  readonly key: string
  readonly replayed: boolean
}

/** What is asked of a request: of all that a `Request` of the web platform has, the part that a plain one has as well. */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: {
    readonly get: (name: string) => string | null
    readonly has: (name: string) => boolean
    readonly keys: () => Iterable<string>
  }
  /** Aborted when the client goes away before its answer. */
  readonly signal: AbortSignal
  readonly body: ReadableStream<Uint8Array> | null
  readonly bytes: () => MaybePromise<Uint8Array>
}

/** The context of every resolver. */
export interface GraphQLContext {
  readonly request: HttpRequest
  readonly params: GraphQLParams
  /** Identifier of the request: in the `X-Request-Id` header, in the log, in the audit trail. */
  readonly requestId: string
  /** Address of the client, normalised; `null` if unknown. */
  readonly address: string | null
  /** Who asks; `null` only in a request that touches no data, such as introspection. */
  readonly caller: Caller | null
  /** The idempotency key of each mutation root field that has one, by response key (alias or name). */
  readonly idempotencyKeys: ReadonlyMap<string, string>
  /** What came of them so far. Resolvers of mutations append; the idempotency plugin puts it into the answer. */
  readonly idempotencyReports: Array<IdempotencyReport>
  /**
   * Runs an effect for this request: interrupted when the client goes away, at once where it never suspends. A failure or a
   * defect rejects with what GraphQL may show. Called on the context: `context.run(effect)`.
   */
  readonly run: <A, E>(
    this: Pick<GraphQLContext, "request" | "requestId">,
    effect: Effect.Effect<A, E>
  ) => A | Promise<A>
}

/**
 * Outcomes: what an operation answers, and how the first one is kept for the retries of its request (contract §6).
 *
 * The outcome is kept, not the answer: a retry may ask for another shape. It holds no secret; a capture URL is rendered again
 * from the generation that the session had.
 */
import { Schema } from "effect"
import type { DateTime } from "effect"
import * as Idempotency from "../domain/Idempotency.ts"
import type { IdempotencyKey, IdempotencyRecord } from "../domain/Idempotency.ts"
import type { EventId, SessionId } from "../domain/Ids.ts"
import { Session } from "../domain/Session.ts"
import type { Request } from "../Fingerprint.ts"

/** How the outcomes of one operation are written into a record and read back. */
export interface OutcomeCodec<Extra> {
  readonly encode: (outcome: { readonly session: Session; readonly extra: Extra }) => string
  readonly decode: (text: string) => { readonly session: Session; readonly extra: Extra }
}

/** The codec for outcomes with these extras. Make it once per operation, not once per request. */
export const outcomeCodec = <Extra>(extra: Schema.Codec<Extra, unknown>): OutcomeCodec<Extra> => {
  const schema = Schema.fromJsonString(Schema.toCodecJson(Schema.Struct({ session: Session, extra })))
  return { encode: Schema.encodeSync(schema), decode: Schema.decodeSync(schema) }
}

/** The record of a request that is about to succeed. */
export const makeRecord = (options: {
  readonly key: IdempotencyKey
  readonly request: Request
  readonly session: SessionId
  readonly run: EventId
  readonly keyVersion: string
  readonly fingerprint: string
  readonly outcome: string
  readonly now: DateTime.Utc
  readonly expiresAt: DateTime.Utc
}): IdempotencyRecord => ({
  key: options.key,
  operation: options.request.operation,
  session: options.session,
  run: options.run,
  body: {
    format: Idempotency.format,
    keyVersion: options.keyVersion,
    fingerprint: options.fingerprint,
    outcome: options.outcome
  },
  createdAt: options.now,
  expiresAt: options.expiresAt
})

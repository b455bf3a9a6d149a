/**
 * Idempotency keys and the records behind them (contract §6).
 *
 * A record is written in the transaction of the change that it stands for, and only for a success. It belongs to an
 * organization and environment, not to an API key, and lives for 24 hours.
 */
import { Duration, Result, Schema } from "effect"
import type { DateTime } from "effect"
import { BadRequest } from "../Errors.ts"
import type { EventId, SessionId } from "./Ids.ts"

/** How long a record lives, from the first success. */
export const lifetime = Duration.hours(24)

/** Format number of what this release writes into records. */
export const format = 1

/** A key: 1 to 255 visible ASCII characters. */
export const IdempotencyKey = Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,255}$/)).pipe(
  Schema.brand("IdempotencyKey")
)
/** A key: 1 to 255 visible ASCII characters. */
export type IdempotencyKey = typeof IdempotencyKey.Type

const isKey = Schema.is(IdempotencyKey)

/** A key as a caller gave it, or `BadRequest` with code `invalid_idempotency_key`. */
export const parseKey = (given: string): Result.Result<IdempotencyKey, BadRequest> =>
  isKey(given) ? Result.succeed(given) : Result.fail(BadRequest.invalidIdempotencyKey())

/**
 * The value of an `Idempotency-Key` header. One pair of double quotes is stripped: the IETF draft quotes the key, most
 * clients do not. A header sent twice arrives joined by a comma and a space, which no key can hold.
 */
export const parseHeader = (value: string): Result.Result<IdempotencyKey, BadRequest> =>
  parseKey(value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value)

/** The first outcome of a keyed request, and what it takes to recognise the request again. */
export interface IdempotencyRecord {
  readonly key: IdempotencyKey
  readonly operation: string
  /** The session that the operation made or changed. */
  readonly session: SessionId
  /** The one run that wrote this record: how a request whose commit went unanswered recognises its own. */
  readonly run: EventId
  /** What the request was and what came of it; `null` once the session was redacted (a tombstone). */
  readonly body: {
    readonly format: number
    readonly keyVersion: string
    readonly fingerprint: string
    readonly outcome: string
  } | null
  readonly createdAt: DateTime.Utc
  /** From then on the key may be used afresh. */
  readonly expiresAt: DateTime.Utc
}

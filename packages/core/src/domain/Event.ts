/**
 * Events and the audit trail: what happened, and who did it (contract §9).
 *
 * Both are written in the transaction of the change itself and neither holds personal data: an event names the fields that
 * changed, never their values, and says `metadata`, not its keys.
 */
import { Schema } from "effect"
import { ApiKeyId, AuditId, EventId, SessionId } from "./Ids.ts"

/** What can happen to a session. */
export const EventType = Schema.Literals(["session.created", "session.updated", "session.expired", "session.redacted"])
/** What can happen to a session. */
export type EventType = typeof EventType.Type

/** One change of a session. There is exactly one event for each revision. */
export const SessionEvent = Schema.Struct({
  id: EventId,
  session: SessionId,
  revision: Schema.Int,
  type: EventType,
  /** Names of the fields that were written, without `updatedAt` and `revision`. */
  changed: Schema.Array(Schema.String),
  at: Schema.DateTimeUtc
})
/** One change of a session. */
export interface SessionEvent extends Schema.Schema.Type<typeof SessionEvent> {}

/** Who did what, from where, and with which request. */
export const AuditEntry = Schema.Struct({
  id: AuditId,
  at: Schema.DateTimeUtc,
  /** Name of the operation, such as `updateSession`, or the reason of a refusal, such as `refused.expired`. */
  action: Schema.String,
  session: Schema.NullOr(SessionId),
  /** The API key used; `null` when the caller was not authenticated by a key. */
  apiKey: Schema.NullOr(ApiKeyId),
  requestId: Schema.String,
  address: Schema.NullOr(Schema.String)
})
/** Who did what, from where, and with which request. */
export interface AuditEntry extends Schema.Schema.Type<typeof AuditEntry> {}

/** An audit entry about no session, such as a refusal. */
export interface LoneEntry extends AuditEntry {
  readonly session: null
}

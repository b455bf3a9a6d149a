/**
 * Operations: what can be done to a session, as data. An operation is a name, the scope it takes, the schema of its input and
 * one pure function that decides; the engine does the rest. To add one is to write one such value.
 *
 * Deciding is pure: no clock, no database, no Effect. The engine makes a decision durable in one atomic step, or asks again
 * when somebody else was faster.
 */
import { Result, Schema } from "effect"
import type { DateTime } from "effect"
import type { EventType } from "../domain/Event.ts"
import { revise } from "../domain/Session.ts"
import type { Session, SessionField } from "../domain/Session.ts"
import type { Scope } from "../domain/Scope.ts"
import type { FieldIssue } from "../domain/Issue.ts"
import { Conflict, NotFound, Unprocessable } from "../Errors.ts"

/** What an operation can be refused with once its input is understood. */
export type Refusal = NotFound | Conflict | Unprocessable

/** The outcome of deciding. `event` is `null` when nothing changes: then `session` is the one that was given. */
export interface Decision<Extra = {}> {
  readonly session: Session
  readonly event: { readonly type: EventType; readonly changed: ReadonlyArray<SessionField> } | null
  /** What the operation tells its caller beside the session. */
  readonly extra: Extra
}

/** Largest revision that GraphQL's `Int` can carry. */
const maxRevision = 2_147_483_647
const revisionTakes = `must be an integer from 1 to ${maxRevision}`

/** Whether a value is a revision that can be expected, or expects nothing. */
export const isExpectedRevision = (value: unknown): boolean =>
  value == null || (typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= maxRevision)

/** The revision that a caller expects a session to have: 1 to 2,147,483,647; `null` expects nothing. */
export const ExpectedRevision = Schema.optional(
  Schema.NullOr(
    Schema.Int.check(
      Schema.isBetween({ minimum: 1, maximum: maxRevision }, { code: "unknown_value", message: revisionTakes })
    )
  ).annotate({ message: revisionTakes })
)

/** What every input may say beside what is the operation's own. */
interface Expecting {
  readonly expectedRevision?: number | null | undefined
}

/** Something that can be done to a session that exists. A creation is not one: it decides upon nothing. */
export interface Operation<Input extends Expecting, Extra = {}> {
  /** Its name, as in the audit trail and in idempotency records. Never changes. */
  readonly name: string
  /** What the caller must be allowed to do. */
  readonly scope: Scope
  /** The input, or every rule that it breaks by itself. */
  readonly decode: (input: unknown) => Result.Result<Input, ReadonlyArray<FieldIssue>>
  /** How the extras are kept in an idempotency record. */
  readonly extra: ExtraCodec<Extra>
  /** Set by redaction alone: it is allowed on a redacted session, and erases the session's records. */
  readonly redacts?: true
  /** The decision upon the session as it stands at `now`, lapse applied. */
  readonly decide: (session: Session, input: Input, now: DateTime.Utc) => Result.Result<Decision<Extra>, Refusal>
}

/** The input without an expectation of nothing: `null` and absent are the same request. */
export const withoutNull = <Input extends Expecting>(input: Input): Input => {
  if (input.expectedRevision !== null) return input
  const { expectedRevision: _, ...rest } = input
  return rest as Input
}

/** How extras are written as JSON text, and read from what `JSON.parse` makes of it. Both throw on what is none. */
export interface ExtraCodec<Extra> {
  readonly write: (extra: Extra) => string
  readonly read: (json: unknown) => Extra
}

/** Extras of a schema. */
export const extraOf = <Extra>(schema: Schema.Codec<Extra, unknown>): ExtraCodec<Extra> => {
  const json = Schema.toCodecJson(schema)
  return { write: Schema.encodeSync(Schema.fromJsonString(json)), read: Schema.decodeUnknownSync(json) }
}

/** The extras of an operation that has nothing to say beside the session. */
export const noExtra: ExtraCodec<{}> = { write: () => "{}", read: () => ({}) }

/** Nothing changes. */
export const unchanged = <Extra>(session: Session, extra: Extra): Decision<Extra> => ({ session, event: null, extra })

/** The fields of `patch` change, and `type` says so; an empty patch is no change. */
export const changed = <Extra>(
  session: Session,
  now: DateTime.Utc,
  type: EventType,
  patch: Partial<Session>,
  extra: Extra
): Decision<Extra> => {
  const fields = Object.keys(patch) as Array<SessionField>
  return fields.length === 0
    ? unchanged(session, extra)
    : { session: revise(session, now, patch), event: { type, changed: fields }, extra }
}

/**
 * The decision upon whatever is there, in the contract's order: existence, redaction, revision, and then the operation's own
 * rules.
 */
export const decideUpon = <Input extends Expecting, Extra>(
  operation: Operation<Input, Extra>,
  input: Input
): ((current: Session | null, now: DateTime.Utc) => Result.Result<Decision<Extra>, Refusal>) => {
  const expected = input.expectedRevision ?? null
  return (current, now) => {
    if (current === null) return Result.fail(new NotFound({ entity: "session" }))
    if (current.retentionStatus === "redacted" && operation.redacts !== true) {
      return Result.fail(Unprocessable.sessionRedacted())
    }
    if (expected !== null && expected !== current.revision)
      return Result.fail(Conflict.revisionMismatch(current.revision))
    return operation.decide(current, input, now)
  }
}

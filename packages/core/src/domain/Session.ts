/**
 * The session: the record that a business keeps while it checks who somebody is (contract §2).
 *
 * This is the newest shape, in the library's own casing; facades rename it and older API versions transform it. Two things
 * differ from what a caller sees: the capture URL is not here, because only the generation of its token is stored, and a
 * stored session may have lapsed (see `Lapse.ts`).
 */
import { DateTime, Schema, SchemaGetter } from "effect"
import { EnvironmentId, SessionId } from "./Ids.ts"
import { SessionStatus } from "./SessionStatus.ts"
import { atMostCodePoints, isStorable } from "./Text.ts"
import { rule, rules, violation } from "./Violation.ts"
import type { FieldIssue } from "./Issue.ts"

/** Whether a value is storable text of at most `max` code points. */
export const isText = (value: unknown, max: number): boolean =>
  typeof value === "string" && atMostCodePoints(value, max) && isStorable(value)

/** Storable text of at most `max` code points; `""` is a value. */
export const text = (max: number) =>
  Schema.String.annotate({ message: "must be a string" }).check(
    rule("too_long", `may have at most ${max} characters`, (value: string) => atMostCodePoints(value, max)),
    rule("invalid_text", "contains NUL or a lone surrogate", isStorable)
  )

/** An external reference has at most this many code points. */
export const maxExternalRef = 255

/** The business's own name for the person or the case: at most 255 code points, `""` included. */
export const ExternalRef = text(maxExternalRef)

/** A list of at most `max` texts of at most 128 code points. Its length is looked at before its members are. */
const texts = (max: number, { distinct }: { readonly distinct: boolean }) =>
  Schema.declare<ReadonlyArray<string>>((value): value is ReadonlyArray<string> => Array.isArray(value), {
    message: "must be a list of strings",
    toCodecArbitrary: () => asTexts,
    toCodecJson: () => asTexts
  }).check(
    rules((list) => {
      if (list.length > max) return [violation([], "too_many_keys", `may have at most ${max} entries`)]
      return list.flatMap((entry, index) => {
        const repeated = distinct && list.indexOf(entry) < index
        return [
          ...entryViolations(entry).map(({ code, message }) => violation([String(index)], code, message)),
          ...(repeated ? [violation([String(index)], "unknown_value", "must not be there twice")] : [])
        ]
      })
    })
  )

const asTexts = Schema.link<ReadonlyArray<string>>()(Schema.Array(Schema.String), {
  decode: SchemaGetter.passthrough(),
  encode: SchemaGetter.passthrough()
})

const entryViolations = (entry: unknown): ReadonlyArray<FieldIssue> => {
  if (typeof entry !== "string") return [violation([], "wrong_type", "must be a string")]
  return [
    ...(entry === "" ? [violation([], "empty_key", "must not be empty")] : []),
    ...(atMostCodePoints(entry, 128) ? [] : [violation([], "too_long", "may have at most 128 characters")]),
    ...(isStorable(entry) ? [] : [violation([], "invalid_text")])
  ]
}

/** Labels in the order given: at most 50, each 1 to 128 code points, no two alike. */
export const Tags = texts(50, { distinct: true })

/** Names of the checks to run: at most 50, each 1 to 128 code points. */
export const Checks = texts(50, { distinct: false })

/** The kind of document that was shown. */
export const DocumentType = Schema.Literals(["passport", "drivers_license", "national_id", "residence_permit"])

/** What of a session's data is still there. Redaction is not a status: the status survives it. */
export const RetentionStatus = Schema.Literals(["active", "sensitive_redacted", "redacted"])

/** Where the case made from a session stands. */
export const CaseStatus = Schema.Literals([
  "open",
  "in_review",
  "escalated",
  "pending_second_review",
  "approved",
  "rejected"
])

/**
 * The capture token's identity. The token itself is `tok_` + base62 of an HMAC over session id and generation and is never
 * stored (contract §2); `keyVersion` names the version of the secret that it is derived with.
 */
export const Capture = Schema.Struct({
  generation: Schema.Int,
  keyVersion: Schema.String
})

/** A session, in its newest shape. */
export const Session = Schema.Struct({
  /** `ses_…`, unique and sortable by creation time. */
  id: SessionId,
  /** Where it stands. */
  status: SessionStatus,
  /** Whether it lives in the sandbox. */
  isSandbox: Schema.Boolean,
  /** The environment it lives in. */
  environment: EnvironmentId,
  /** When it was created. */
  createdAt: Schema.DateTimeUtc,
  /** When it last changed; never earlier than before. */
  updatedAt: Schema.DateTimeUtc,
  /** The business's own name for it. */
  externalRef: Schema.NullOr(Schema.String),
  /** The business's own data. */
  metadata: Schema.JsonObject,
  /** Country the document is expected from. */
  country: Schema.NullOr(Schema.String),
  /** Checks to run; `null` means those of the workflow. */
  checks: Schema.NullOr(Schema.Array(Schema.String)),
  /** The workflow that runs. */
  workflowId: Schema.NullOr(Schema.String),
  /** Where the person is sent when the capture is done. */
  redirectUrl: Schema.NullOr(Schema.String),
  /** The kind of document that was shown. */
  documentType: Schema.NullOr(DocumentType),
  /** What of its data is still there. */
  retentionStatus: RetentionStatus,
  /** How often the checks ran. */
  processingAttempts: Schema.NullOr(Schema.Int),
  /** Address from which the person agreed. */
  consentIp: Schema.NullOr(Schema.String),
  /** Identity of the capture token. */
  capture: Capture,
  /** When the capture token ends. */
  tokenExpiresAt: Schema.NullOr(Schema.DateTimeUtc),
  /** The case made from it. */
  caseId: Schema.NullOr(Schema.String),
  /** Where that case stands. */
  caseStatus: Schema.NullOr(CaseStatus),
  /** Labels, in the order given. */
  tags: Schema.Array(Schema.String),
  /** 1 at creation, one more with every persisted change; exactly one event for each. */
  revision: Schema.Int
})

/** A session, in its newest shape. */
export interface Session extends Schema.Schema.Type<typeof Session> {}

/** Name of a field of a session. */
export type SessionField = keyof Session

/** A session after a change: the patch applied, one revision further, and `updatedAt` never earlier than it was. */
export const revise = (session: Session, now: DateTime.Utc, patch: Partial<Session>): Session => ({
  ...session,
  ...patch,
  updatedAt: DateTime.max(session.updatedAt, now),
  revision: session.revision + 1
})

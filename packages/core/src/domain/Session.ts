/**
 * The session: the record that a business keeps while it checks who somebody is (contract §2).
 *
 * This is the newest shape, in the library's own casing; facades rename it and older API versions transform it. Two things
 * differ from what a caller sees: the capture URL is not here, because only the generation of its token is stored, and a
 * stored session may have lapsed (see `Lapse.ts`).
 */
import { DateTime, Schema } from "effect"
import { Country } from "./Country.ts"
import { EnvironmentId, SessionId } from "./Ids.ts"
import { SessionStatus } from "./SessionStatus.ts"
import { atMostCodePoints, isStorable } from "./Text.ts"
import { rule } from "./Violation.ts"

/** Storable text of at most `max` code points; `""` is a value. */
export const text = (max: number) =>
  Schema.String.annotate({ message: "must be a string" }).check(
    rule("too_long", `may have at most ${max} characters`, (value: string) => atMostCodePoints(value, max)),
    rule("invalid_text", "contains NUL or a lone surrogate", isStorable)
  )

/** The business's own name for the person or the case: at most 255 code points, `""` included. */
export const ExternalRef = text(255)

/** At most this many tags on a session. */
export const maxTags = 50

const tag = text(128).check(rule("empty_key", "must not be empty", (value: string) => value !== ""))

/** Labels in the order given: at most 50, each 1 to 128 code points, no two alike. */
export const Tags = Schema.Array(tag)
  .annotate({ message: "must be a list of strings" })
  .check(
    rule("too_many_keys", `may hold at most ${maxTags} tags`, (tags: ReadonlyArray<string>) => tags.length <= maxTags),
    rule(
      "unknown_value",
      "must not name a tag twice",
      (tags: ReadonlyArray<string>) => new Set(tags).size === tags.length
    )
  )

/** Names of the checks to run: at most 50, each at most 128 code points. */
export const Checks = Schema.Array(text(128))
  .annotate({ message: "must be a list of strings" })
  .check(rule("too_many_keys", "may hold at most 50 checks", (checks: ReadonlyArray<string>) => checks.length <= 50))

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
  country: Schema.NullOr(Country),
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

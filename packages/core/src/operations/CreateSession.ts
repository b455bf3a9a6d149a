/** Create: a session begins `pending`, at revision 1, with a capture token that lives for a while (contract §2). */
import { DateTime, Result, Schema } from "effect"
import type { Duration } from "effect"
import { Country } from "../domain/Country.ts"
import type { SessionId } from "../domain/Ids.ts"
import { mapViolations, merge, MetadataPatch } from "../domain/Metadata.ts"
import { Checks, ExternalRef, Tags, text } from "../domain/Session.ts"
import type { Session, SessionField } from "../domain/Session.ts"
import { decodeAll, rule } from "../domain/Violation.ts"
import type { Identity } from "../Caller.ts"
import { Unprocessable } from "../Errors.ts"
import type { Decision } from "./Operation.ts"

const isHttpUrl = (value: string): boolean => {
  // What a parser strips would come back in a Location header.
  if (/[\s\p{Cc}]/u.test(value)) return false
  const url = URL.parse(value)
  return url !== null && (url.protocol === "https:" || url.protocol === "http:")
}

const RedirectUrl = text(2048).check(rule("unknown_value", "must be an http or https URL", isHttpUrl))

const optional = <S extends Schema.Top>(schema: S, message: string) =>
  Schema.optional(Schema.NullOr(schema).annotate({ message }))

/** What a new session may be given; everything is optional, and `null` gives nothing. */
export const CreateSessionInput = Schema.Struct({
  externalRef: optional(ExternalRef, "must be a string or null"),
  metadata: Schema.optional(MetadataPatch),
  country: optional(Country, "must be an ISO 3166-1 alpha-2 country code, such as NZ"),
  checks: optional(Checks, "must be a list of strings"),
  workflowId: optional(text(255), "must be a string or null"),
  redirectUrl: optional(RedirectUrl, "must be an http or https URL"),
  tags: optional(Tags, "must be a list of strings")
})
/** What a new session may be given. */
export interface CreateSessionInput extends Schema.Schema.Type<typeof CreateSessionInput> {}

/** The input, or every rule that it breaks by itself. */
export const decode = decodeAll(CreateSessionInput, "cannot be set when a session is created")

/** What the library chooses for a new session. */
export interface Draft {
  readonly id: SessionId
  readonly owner: Identity
  /** Version of the server secret that the capture token is derived with. */
  readonly keyVersion: string
  /** How long the capture token lives. */
  readonly tokenLifetime: Duration.Duration
}

/** The new session, or every rule that its metadata breaks. */
export const decide = (
  draft: Draft,
  input: CreateSessionInput,
  now: DateTime.Utc
): Result.Result<Decision, Unprocessable> => {
  const metadata = merge({}, input.metadata ?? {})
  const issues = mapViolations(metadata)
  if (issues.length > 0) return Result.fail(Unprocessable.validationFailed(issues))
  const session: Session = {
    id: draft.id,
    status: "pending",
    isSandbox: draft.owner.kind === "sandbox",
    environment: draft.owner.environment,
    createdAt: now,
    updatedAt: now,
    externalRef: input.externalRef ?? null,
    metadata,
    country: input.country ?? null,
    checks: input.checks ?? null,
    workflowId: input.workflowId ?? null,
    redirectUrl: input.redirectUrl ?? null,
    documentType: null,
    retentionStatus: "active",
    processingAttempts: null,
    consentIp: null,
    capture: { generation: 1, keyVersion: draft.keyVersion },
    tokenExpiresAt: DateTime.addDuration(now, draft.tokenLifetime),
    caseId: null,
    caseStatus: null,
    tags: input.tags ?? [],
    revision: 1
  }
  const { revision: _, updatedAt: __, ...fields } = session
  return Result.succeed({
    session,
    event: { type: "session.created", changed: Object.keys(fields) as Array<SessionField> },
    extra: {}
  })
}

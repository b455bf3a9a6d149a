/**
 * Redact: a session's personal data is erased for good; status, timestamps and ids stay (contract §9). The engine also turns
 * the session's idempotency records into tombstones, in the same transaction.
 */
import { Result, Schema } from "effect"
import type { DateTime } from "effect"
import { Session } from "../domain/Session.ts"
import { decodeAll } from "../domain/Violation.ts"
import { changed, ExpectedRevision, extraOf, unchanged, withoutNull } from "./Operation.ts"
import type { Decision, Operation } from "./Operation.ts"

/** What redaction tells its caller beside the session. */
export const RedactSessionExtra = Schema.Struct({
  /** Whether the session was redacted before this call, so that nothing was left to do. */
  alreadyRedacted: Schema.Boolean
})
/** What redaction tells its caller beside the session. */
export type RedactSessionExtra = typeof RedactSessionExtra.Type

/** The erased session; the same session again if it is erased already. */
export const decide = (session: Session, now: DateTime.Utc): Decision<RedactSessionExtra> =>
  session.retentionStatus === "redacted"
    ? unchanged(session, { alreadyRedacted: true })
    : changed(
        ofThisRelease(session),
        now,
        "session.redacted",
        {
          externalRef: null,
          metadata: {},
          consentIp: null,
          documentType: null,
          tags: [],
          redirectUrl: null,
          retentionStatus: "redacted"
        },
        { alreadyRedacted: false }
      )

/** What a newer release knows of a session, and this one cannot tell to be personal or not, is erased as well. */
const ofThisRelease = (session: Session): Session =>
  Object.fromEntries(Object.entries(session).filter(([field]) => Object.hasOwn(Session.fields, field))) as Session

/** What a redaction takes beside the session's id. */
const RedactSessionInput = Schema.Struct({ expectedRevision: ExpectedRevision })

const decodeInput = decodeAll(RedactSessionInput)

/** The operation behind `redactSession` and `DELETE /sessions/{id}/data`. */
export const redactSession: Operation<typeof RedactSessionInput.Type, RedactSessionExtra> = {
  name: "redactSession",
  scope: "redact:write",
  decode: (input) => Result.map(decodeInput(input), withoutNull),
  extra: extraOf(RedactSessionExtra),
  redacts: true,
  decide: (session, _input, now) => Result.succeed(decide(session, now))
}

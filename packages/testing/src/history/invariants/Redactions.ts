/** What a redaction promises: what was erased is gone, from every answer and every table (contract §6, §9). */
import type { SeenSession } from "../History.ts"
import { answeredAt, nameOf } from "./Evidence.ts"
import type { Evidence, OkCall, SessionEvidence } from "./Evidence.ts"
import { violation } from "./Violation.ts"
import type { Violation } from "./Violation.ts"

/** I11: after an acknowledged redaction nothing shows the session's data, and nothing changes it. */
export function* erasedIsGone(evidence: Evidence): Iterable<Violation> {
  for (const session of evidence.sessions.values()) {
    yield* answersAfter(session)
    yield* tablesAfter(evidence, session)
    yield* refusedForNothing(session)
  }
}

const isRedaction = (call: OkCall): boolean => call.operation === "redactSession"

const isErased = ({ externalRef, metadata, retentionStatus }: SeenSession): boolean =>
  retentionStatus === "redacted" && externalRef === null && Object.keys(metadata).length === 0

function* answersAfter({ shown }: SessionEvidence): Iterable<Violation> {
  const redactions = shown.filter(isRedaction)
  const [redaction] = redactions.toSorted((a, b) => answeredAt(a) - answeredAt(b))
  if (redaction === undefined) return
  const showing = redactions.find(({ answer }) => !isErased(answer.session))
  if (showing !== undefined) yield violation("I11", "A redaction shows the session's data", { calls: [showing] })
  const later = shown.find((call) => !isRedaction(call) && call.sent > answeredAt(redaction))
  if (later !== undefined) {
    yield violation("I11", "A request sent after a redaction was acknowledged succeeded", { calls: [redaction, later] })
  }
}

function* tablesAfter({ keys }: Evidence, session: SessionEvidence): Iterable<Violation> {
  const { events, final, id, owner, records, shown } = session
  const redacted = events.find(({ type }) => type === "session.redacted")
  if (redacted === undefined && !shown.some(isRedaction) && final?.retentionStatus !== "redacted") return
  if (final !== null && !isErased(final)) {
    yield violation("I11", "A session was redacted and holds data in the end", { sessions: [id] })
  }
  if (
    redacted !== undefined &&
    events.some((event) => event.revision > redacted.revision && event.type !== "session.expired")
  ) {
    yield violation("I11", "A session was changed behind its redaction", { sessions: [id] })
  }
  for (const { erased, key } of records) {
    const { calls = [] } = keys.get(nameOf(owner, key)) ?? {}
    if (!erased && !calls.some(({ answer, operation }) => operation === "redactSession" && answer.type !== "failed")) {
      yield violation("I11", "A session was redacted, and an outcome that shows it is still stored", {
        keys: [key],
        sessions: [id]
      })
    }
  }
}

function* refusedForNothing({ asked }: SessionEvidence): Iterable<Violation> {
  const firstRedaction = asked.find(
    ({ answer, operation }) => operation === "redactSession" && answer.type !== "failed"
  )
  for (const call of asked) {
    if (call.answer.type !== "failed" || call.answer.code !== "session_redacted") continue
    if (firstRedaction === undefined || firstRedaction.sent > answeredAt(call)) {
      yield violation("I11", "A request was refused as redacted, and nobody had redacted the session", {
        calls: [call]
      })
    }
  }
}

/**
 * Lapse: a session whose capture token has run out is `expired` from that instant on, whether or not anything wrote it down
 * (contract §3).
 *
 * The function is applied whenever a session is loaded, so that every reader sees the same; the sweeper or the next write
 * persists exactly what it returns.
 */
import { DateTime } from "effect"
import type { SessionEvent } from "./Event.ts"
import type { EventId } from "./Ids.ts"
import { revise } from "./Session.ts"
import type { Session } from "./Session.ts"
import { capturable, target } from "./SessionStatus.ts"

/** Whether the session's capture token has run out at `now` while it was still waiting for the person. */
export const hasLapsed = (session: Session, now: DateTime.Utc): boolean =>
  capturable.has(session.status) &&
  session.tokenExpiresAt !== null &&
  DateTime.isLessThanOrEqualTo(session.tokenExpiresAt, now)

/**
 * The session as it stands at `now`: itself, or one revision further, `expired`, and last changed when its token ran out.
 */
export const lapse = (session: Session, now: DateTime.Utc): Session => {
  const status = target(session.status, "lapse")
  return status !== undefined && session.tokenExpiresAt !== null && hasLapsed(session, now)
    ? revise(session, session.tokenExpiresAt, { status })
    : session
}

/** The event that is stored with a lapse. `lapsed` is what {@link lapse} made of the stored session. */
export const lapseEvent = (id: EventId, lapsed: Session): SessionEvent => ({
  id,
  session: lapsed.id,
  revision: lapsed.revision,
  type: "session.expired",
  changed: ["status"],
  at: lapsed.updatedAt
})

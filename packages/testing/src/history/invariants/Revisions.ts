/** What a session's revisions promise: acknowledged means kept, one state and one event for each, and never backwards. */
import type { SeenSession } from "../History.ts"
import { answeredAt, isOneRun } from "./Evidence.ts"
import type { Evidence, KeyEvidence, OkCall, SessionEvidence } from "./Evidence.ts"
import { stateText } from "./State.ts"
import { violation } from "./Violation.ts"
import type { Violation } from "./Violation.ts"

/** I2: what was acknowledged is there in the end. */
export function* acknowledgedIsKept({ end, keys, ownersOfSession, sessions }: Evidence): Iterable<Violation> {
  for (const { final, id, owner, shown } of sessions.values()) {
    if (shown.length === 0 || (ownersOfSession.get(id) ?? owner) !== owner) continue
    if (final === null) {
      yield violation("I2", "A session was acknowledged and is not there in the end", { calls: shown.slice(0, 1) })
      continue
    }
    const lost = shown.find((call) => call.answer.session.revision > final.revision && !showsLapse(call, final))
    if (lost !== undefined) {
      yield violation("I2", "A revision was acknowledged and is not there in the end", { calls: [lost] })
    }
  }
  for (const { key, outcomes, records } of keys.values()) {
    const last = outcomes.at(-1)
    if (last !== undefined && records.length === 0 && end + anHour < last.earliest + 24 * anHour) {
      yield violation("I2", "A key's success was acknowledged and has no record", { calls: last.calls, keys: [key] })
    }
  }
}

const anHour = 3_600_000

/**
 * A request without a key that changes nothing writes nothing: it may show a session whose token ran out one revision further
 * than anybody has written down.
 */
const showsLapse = ({ answer, key, shows }: OkCall, final: SeenSession): boolean =>
  key === null && answer.session.revision === final.revision + 1 && shows === stateText(final)

/** I3: a session goes through the revisions 1 to n, and each of them is one state. */
export function* oneStatePerRevision({ sessions }: Evidence): Iterable<Violation> {
  for (const { final, id, shown } of sessions.values()) {
    const states = new Map<number, { readonly text: string; readonly call: OkCall | null }>()
    if (final !== null) {
      states.set(final.revision, { text: stateText(final), call: null })
      if (!Number.isInteger(final.revision) || final.revision < 1) {
        yield violation("I3", "A session stands at a revision that is none", { sessions: [id] })
      }
    }
    for (const call of shown) {
      const { session } = call.answer
      const before = states.get(session.revision)
      if (before === undefined) states.set(session.revision, { text: call.shows, call })
      else if (before.text !== call.shows) {
        yield violation("I3", "A revision has two states", {
          calls: before.call === null ? [call] : [before.call, call],
          sessions: [id]
        })
      }
      if (call.operation === "createSession" && session.revision !== 1) {
        yield violation("I3", "A creation was answered with another revision than the first", { calls: [call] })
      }
    }
  }
}

/** I6: of two requests, one sent when the other was answered, the later does not see an earlier revision. */
export function* neverBackwards({ runs, sessions }: Evidence): Iterable<Violation> {
  for (const { events, shown } of sessions.values()) {
    const fresh = shown.filter(({ answer }) => !answer.replayed)
    const answered = fresh.toSorted((a, b) => answeredAt(a) - answeredAt(b))
    const makers = new Map(events.map(({ id, revision }) => [revision, runs.get(id)]))
    let newest: OkCall | undefined
    let next = 0
    for (const call of fresh) {
      for (let other = answered[next]; other !== undefined && answeredAt(other) < call.sent; other = answered[++next]) {
        if (newest === undefined || other.answer.session.revision > newest.answer.session.revision) newest = other
      }
      if (newest === undefined) continue
      const { revision } = call.answer.session
      const before = newest.answer.session.revision
      if (revision < before || (revision === before && hasMade(call, makers.get(revision)))) {
        yield violation("I6", "A request saw, or made again, what was over before it was sent", {
          calls: [newest, call]
        })
      }
    }
  }
}

const hasMade = (call: OkCall, maker: KeyEvidence | undefined): boolean =>
  maker !== undefined && maker.key === call.key && isOneRun(maker)

/** I9: exactly one event for each revision of each session. */
export function* oneEventPerRevision({ sessions }: Evidence): Iterable<Violation> {
  for (const session of sessions.values()) {
    const { events, final, id } = session
    if (final === null) {
      if (events.length > 0)
        yield violation("I9", "There are events of a session that is not there", { sessions: [id] })
      continue
    }
    const wrong = wrongRevision(session, final.revision)
    if (wrong !== undefined) {
      yield violation("I9", `Revision ${wrong} of a session has not exactly one event`, { sessions: [id] })
    }
    const first = events.find(({ revision, type }) => (revision === 1) !== (type === "session.created"))
    if (first !== undefined) {
      yield violation("I9", `Revision ${first.revision} of a session has the event ${first.type}`, { sessions: [id] })
    }
  }
}

/** The first revision that has no event or two, or an event beyond the last revision. The events are in order. */
const wrongRevision = ({ events }: SessionEvidence, last: number): number | undefined => {
  const wrong = events.findIndex(({ revision }, n) => revision !== n + 1)
  if (wrong !== -1) return wrong + 1
  return events.length === last ? undefined : Math.min(events.length, last) + 1
}

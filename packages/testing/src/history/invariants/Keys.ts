/** What a key promises, whatever the session: one run, one request, one outcome, and an answer in the end (contract §6). */
import { answeredAt, isOk, isOneRun, isRefused, nameOf, withinOneDay } from "./Evidence.ts"
import type { Evidence, KeyEvidence, Outcome } from "./Evidence.ts"
import { violation } from "./Violation.ts"
import type { Violation } from "./Violation.ts"

/** I1, by the tables: one record for each key, and the event of its run is the one that the answers show. */
export function* oneRun({ keys, sessions }: Evidence): Iterable<Violation> {
  for (const key of keys.values()) {
    const [record] = key.records
    if (key.records.length > 1) yield violation("I1", "A key has more than one record", { keys: [key.key] })
    if (record === undefined || !isOneRun(key)) continue
    const { events = [] } = sessions.get(nameOf(key.owner, record.session)) ?? {}
    const made = events.find(({ id }) => id === record.run)
    for (const { calls } of key.outcomes) {
      const [first] = calls
      if (first === undefined) continue
      const { session } = first.answer
      if (session.id !== record.session) {
        yield violation("I1", "The record of a key names another session than its answer", {
          calls,
          sessions: [record.session]
        })
      } else if (made !== undefined && made.revision !== session.revision) {
        yield violation("I1", "A key made another revision than the one it was answered with: it ran twice", { calls })
      }
    }
  }
}

/** I4: one outcome of one request, remembered for a day. */
export function* oneOutcome(evidence: Evidence): Iterable<Violation> {
  for (const key of evidence.keys.values()) {
    for (const [n, outcome] of key.outcomes.entries()) {
      const before = key.outcomes[n - 1]
      if (before !== undefined && inOneDay(before, outcome)) {
        const message =
          before.request === outcome.request
            ? "A key was answered with two outcomes"
            : "A key was answered with success for two requests"
        yield violation("I4", message, { calls: [...before.calls.slice(0, 1), ...outcome.calls.slice(0, 1)] })
      }
    }
    yield* forgotten(key)
    yield* mismatchedWithNothing(evidence, key)
  }
  for (const call of evidence.calls) {
    if (isOk(call) && call.session !== null && call.session !== call.answer.session.id) {
      yield violation("I4", "An answer shows another session than the one that was asked for", { calls: [call] })
    }
  }
}

/** Whether two outcomes cannot be of runs a day apart. */
const inOneDay = (a: Outcome, b: Outcome): boolean =>
  withinOneDay(a.earliest, b.latest) && withinOneDay(b.earliest, a.latest)

/** What a request is refused with when it is decided upon again, although its success was acknowledged. */
const decidedAgain = new Set([
  "idempotency_mismatch",
  "invalid_state",
  "not_found",
  "revision_mismatch",
  "validation_failed"
])

function* forgotten({ outcomes, requests }: KeyEvidence): Iterable<Violation> {
  for (const { calls, earliest, latest, request } of outcomes) {
    const refused = (requests.get(request) ?? []).find(
      (call) =>
        call.answer.type === "failed" &&
        decidedAgain.has(call.answer.code) &&
        call.sent > latest &&
        withinOneDay(earliest, answeredAt(call))
    )
    if (refused !== undefined) {
      yield violation("I4", "A success was acknowledged, and its retry was decided again and refused", {
        calls: [...calls.slice(0, 1), refused]
      })
    }
  }
}

function* mismatchedWithNothing(evidence: Evidence, { key, requests }: KeyEvidence): Iterable<Violation> {
  for (const [request, calls] of requests) {
    const mismatched = calls.find(({ answer }) => answer.type === "failed" && answer.code === "idempotency_mismatch")
    if (mismatched === undefined) continue
    const others = [...requests].filter(([other]) => other !== request).flatMap(([, calls]) => calls)
    if (!others.some((other) => !isRefused(other) && other.sent <= answeredAt(mismatched))) {
      yield violation(
        isSharedName(evidence, key) ? "I10" : "I4",
        "A key was refused as used for another request, and there was none",
        { calls: [mismatched] }
      )
    }
  }
}

const isSharedName = ({ ownersOfKey }: Evidence, key: string): boolean => (ownersOfKey.get(key) ?? 0) > 1

/** I5: of the answers of one run one is not a replay, and a replay replays something. */
export function* oneFresh(evidence: Evidence): Iterable<Violation> {
  for (const call of evidence.calls) {
    if (call.key === null && isOk(call) && call.answer.replayed) {
      yield violation("I5", "A request without a key was answered with a replay", { calls: [call] })
    }
  }
  for (const { calls, key, requests } of evidence.keys.values()) {
    const fresh = calls.filter(isOk).filter(({ answer }) => !answer.replayed)
    for (const [n, call] of fresh.entries()) {
      const before = fresh[n - 1]
      if (before !== undefined && withinOneDay(before.sent, answeredAt(call))) {
        yield violation("I5", "A key ran twice: two answers are no replay", { calls: [before, call] })
      }
    }
    for (const [first, second] of requests.values()) {
      // Whoever was sent later has the first one to replay.
      if (first === undefined || !isOk(first) || !first.answer.replayed) continue
      if (second === undefined || second.sent > answeredAt(first)) {
        yield violation(isSharedName(evidence, key) ? "I10" : "I5", "A replay replays no request of its owner", {
          calls: [first]
        })
      }
    }
  }
}

/** I8: a key whose every request was refused has no record. */
export function* refusalsLeaveNothing({ keys }: Evidence): Iterable<Violation> {
  for (const { calls, key, records } of keys.values()) {
    if (calls.length > 0 && records.length > 0 && calls.every(isRefused)) {
      yield violation("I8", "Every request with a key was refused, and yet its outcome is stored", {
        calls,
        keys: [key]
      })
    }
  }
}

/** I10: an answer shows nothing of another owner. */
export function* ownersApart({ calls, ownersOfSession }: Evidence): Iterable<Violation> {
  for (const call of calls) {
    if (!isOk(call)) continue
    const owner = ownersOfSession.get(call.answer.session.id)
    if (owner !== undefined && owner !== `${call.organization}/${call.environment}`) {
      yield violation("I10", "An answer shows a session of another owner", { calls: [call] })
    }
  }
}

/** I12: no key is stuck. */
export function* everyKeyAnswered({ keys }: Evidence): Iterable<Violation> {
  for (const { calls } of keys.values()) {
    const [last] = calls.toSorted((a, b) => b.sent - a.sent)
    if (last?.answer.type === "unknown") yield violation("I12", "A key was not answered in the end", { calls })
  }
}

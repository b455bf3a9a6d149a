/**
 * Check: whether a history keeps the promises of Holdfast, told from what clients saw and what stands in the tables alone.
 *
 * It shares no code with the library and knows nothing of how it is made, so it judges any service that speaks the same words.
 * It is about linear in the length of the history, and it raises no false alarm: where a request was never answered, it counts
 * as done or as not done, whichever is kinder.
 */
import type { History } from "./History.ts"
import { gather } from "./invariants/Evidence.ts"
import type { Evidence } from "./invariants/Evidence.ts"
import { foldOfPatches } from "./invariants/Fold.ts"
import { everyKeyAnswered, oneFresh, oneOutcome, oneRun, ownersApart, refusalsLeaveNothing } from "./invariants/Keys.ts"
import { erasedIsGone } from "./invariants/Redactions.ts"
import { acknowledgedIsKept, neverBackwards, oneEventPerRevision, oneStatePerRevision } from "./invariants/Revisions.ts"
import type { Violation } from "./invariants/Violation.ts"

export type { Violation } from "./invariants/Violation.ts"

/** What is promised. */
export const invariants = {
  I1: "A request with a key runs at most once in 24 hours, and one without a key at most once at all.",
  I2: "What was acknowledged is in the tables at the end.",
  I3: "A session goes through the revisions 1 to n, and each of them is one state.",
  I4: "All successful answers to a key are equal and to one request, within 24 hours of the first success.",
  I5: "At most one answer to a key is not a replay, and a replay replays an earlier request.",
  I6: "A request that was sent when another was answered sees that one's revision or a later one.",
  I7: "Metadata and external reference are the fold of the patches in the order of the revisions.",
  I8: "A request that was refused changes nothing and leaves no record.",
  I9: "Each revision of a session has exactly one event.",
  I10: "Keys and sessions of one owner are nothing to another.",
  I11: "After an acknowledged redaction nothing shows the session's data, and nothing but a lapse changes it.",
  I12: "Every key is answered in the end: none is stuck. Whoever records a history asks each once more when all is well."
} as const

/** The name of a promise. */
export type Invariant = keyof typeof invariants

/** How each promise is judged. What is counted twice is no more wrong, so a mistake may show in more than one of them. */
const judges: ReadonlyArray<(evidence: Evidence) => Iterable<Violation>> = [
  oneRun,
  acknowledgedIsKept,
  oneStatePerRevision,
  oneOutcome,
  oneFresh,
  neverBackwards,
  foldOfPatches,
  refusalsLeaveNothing,
  oneEventPerRevision,
  ownersApart,
  erasedIsGone,
  everyKeyAnswered
]

/**
 * Every promise that a history shows broken; empty when it is a good one. The history must be whole: every request that any
 * client sent to these owners, and the tables as they are when nobody writes any more, read within an hour of the last answer.
 *
 * @example
 * assert.deepStrictEqual(check({ calls: yield* recorder.calls, final: yield* finalState(calls) }), [])
 */
export const check = (history: History): ReadonlyArray<Violation> => {
  const evidence = gather(history)
  return judges.flatMap((judge) => Array.from(judge(evidence)))
}

/**
 * What a session's content promises: it is the fold of the patches in the order of the revisions, each by one request that was
 * not refused (I1, I7, I8).
 *
 * The fold walks through the revisions. Who made a revision is told by the record of a key, whose run is the event, or by an
 * answer that shows the revision; an answer also shows what stood there, and from there the fold goes on. A request that was
 * never answered may have made any revision of its session, or none: then more than one state is possible, until an answer
 * says which. So the fold raises no false alarm, and sees whatever can be seen.
 */
import type { Call, FinalEvent } from "../History.ts"
import { isOk, isOneRun, isRefused, mayHaveRun, nameOf } from "./Evidence.ts"
import type { Evidence, KeyEvidence, SessionEvidence } from "./Evidence.ts"
import { after, empty, erased, isAfter, stateText } from "./State.ts"
import type { State } from "./State.ts"
import { violation } from "./Violation.ts"
import type { Violation } from "./Violation.ts"

/** States that are possible, by their texts; `null`: any. */
type Possible = ReadonlyMap<string, State> | null

/** With more possible states than that nothing is told any more. */
const maxPossible = 64

const possible = (states: ReadonlyArray<State>): Possible =>
  states.length > maxPossible ? null : new Map(states.map((state) => [stateText(state), state]))

/** The states that calls can make of those before, each by changing something. */
const step = (before: Possible, calls: ReadonlyArray<Call>): Possible => {
  if (before === null) return null
  const states: Array<State> = []
  for (const [text, state] of before) {
    for (const call of calls) {
      const next = after(state, call)
      if (stateText(next) !== text) states.push(next)
    }
  }
  return possible(states)
}

/** I1, I7, I8: every revision was made by a request that was not refused, and what stands there is what it made. */
export function* foldOfPatches(evidence: Evidence): Iterable<Violation> {
  for (const call of evidence.calls) {
    if (!isOk(call) || call.operation === "redactSession") continue
    if (!isAfter(call.answer.session, call)) {
      yield violation("I7", "An answer does not show what its request set", { calls: [call] })
    }
  }
  const open = Map.groupBy(
    evidence.calls.filter((call) => call.operation !== "redactSession" && isOpen(evidence, call)),
    ({ environment, organization, session }) => nameOf(`${organization}/${environment}`, session ?? "")
  )
  const unexplained = new Map<string, Array<string>>()
  for (const session of evidence.sessions.values()) {
    const fold = new Fold(evidence, session, open)
    yield* fold.run()
    if (!fold.isCreationExplained)
      unexplained.set(session.owner, [...(unexplained.get(session.owner) ?? []), session.id])
  }
  for (const [owner, sessions] of unexplained) {
    if (sessions.length > (open.get(nameOf(owner, ""))?.length ?? 0)) {
      yield violation("I1", "There are more sessions than requests that can have made them: one ran twice", {
        sessions
      })
    }
  }
}

/** Whether a call may have made a change that nothing ties it to. */
const isOpen = ({ keys }: Evidence, call: Call): boolean => {
  if (!mayHaveRun(call)) return false
  const key = call.key === null ? undefined : keys.get(nameOf(`${call.organization}/${call.environment}`, call.key))
  return key === undefined || !isOneRun(key) || (key.records.length === 0 && key.outcomes.length === 0)
}

/** The fold of one session. */
class Fold {
  readonly evidence: Evidence
  readonly session: SessionEvidence
  readonly open: ReadonlyMap<string, ReadonlyArray<Call>>
  /** What the answers and the tables show, by revision. */
  readonly shown = new Map<number, { readonly text: string; readonly state: State }>()
  readonly makers: ReadonlyMap<number, ReadonlyArray<Call>>
  isCreationExplained = true

  constructor(evidence: Evidence, session: SessionEvidence, open: ReadonlyMap<string, ReadonlyArray<Call>>) {
    this.evidence = evidence
    this.session = session
    this.open = open
    const { final, shown } = session
    for (const { answer, shows } of shown) {
      this.shown.set(answer.session.revision, { text: shows, state: answer.session })
    }
    if (final !== null) this.shown.set(final.revision, { text: stateText(final), state: final })
    this.makers = Map.groupBy(shown, ({ answer }) => answer.session.revision)
  }

  *run(): Iterable<Violation> {
    const { events, id, owner } = this.session
    const open = this.open.get(nameOf(owner, id)) ?? []
    let states: Possible = null
    let revision = 0
    let guessed = 0
    for (const event of events) {
      // What is missing or double is reported as such (I9).
      const before: Possible = event.revision === revision + 1 ? states : null
      revision = event.revision
      const { calls, certain } = this.known(event)
      const creating = event.type === "session.created"
      if (creating && calls.length === 0) this.isCreationExplained = false
      const asked = creating ? (calls.length > 0 ? calls : (this.open.get(nameOf(owner, "")) ?? [])) : calls
      states = creating ? possible(asked.map((call) => after(empty, call))) : this.next(event, before, asked)
      if (event.type === "session.updated" && !certain && !this.explains(states, event, calls)) {
        const expecting = open.filter((call) => expects(call, event.revision - 1))
        const guesses = step(before, expecting)
        states = states === null || guesses === null ? null : new Map([...states, ...guesses])
        if (calls.length === 0 && states?.size !== 0) guessed++
      }
      const anchor = this.shown.get(event.revision)
      if (states !== null && states.size === 0 && calls.length === 0) yield this.nobody(event, before)
      else if (states !== null && (states.size === 0 || (anchor !== undefined && !states.has(anchor.text)))) {
        yield violation("I7", `Revision ${event.revision} of a session is not the fold of the patches`, {
          calls: calls.slice(0, 2),
          sessions: [id]
        })
      }
      if (anchor !== undefined) states = new Map([[anchor.text, anchor.state]])
      else if (states?.size === 0) states = null
    }
    if (guessed > open.length) {
      yield violation("I1", "A session was changed more often than requests can have changed it: one ran twice", {
        sessions: [id]
      })
    }
  }

  /** The calls that can have made an event, unless it was one that nothing is known of; `certain` when a record says so. */
  known({ id, revision }: FinalEvent): { readonly calls: ReadonlyArray<Call>; readonly certain: boolean } {
    const key = this.evidence.runs.get(id)
    return key === undefined
      ? { calls: this.makers.get(revision) ?? [], certain: false }
      : { calls: runnersOf(key), certain: true }
  }

  next(event: FinalEvent, before: Possible, calls: ReadonlyArray<Call>): Possible {
    switch (event.type) {
      case "session.expired":
        return before
      case "session.redacted":
        return possible([erased])
      case "session.updated":
        return step(before, calls)
      default:
        return null
    }
  }

  /** Whether the calls that are known to show a revision made it: they lead to what they show. */
  explains(states: Possible, { revision }: FinalEvent, calls: ReadonlyArray<Call>): boolean {
    const anchor = this.shown.get(revision)
    return calls.length > 0 && (states === null || (anchor !== undefined && states.has(anchor.text)))
  }

  /** Who can have made a change that no request explains: one that was refused, or one that ran twice. */
  nobody({ revision }: FinalEvent, before: Possible): Violation {
    const { asked, id } = this.session
    const refused = asked.filter((call) => call.operation === "updateSession" && isRefused(call))
    const anchor = this.shown.get(revision)
    const guilty = refused.filter((call) => {
      const states = step(before, [call])
      return states === null || (anchor === undefined ? states.size > 0 : states.has(anchor.text))
    })
    return guilty.length > 0
      ? violation("I8", `Revision ${revision} of a session was made by a request that was refused`, { calls: guilty })
      : violation("I1", `Revision ${revision} of a session was made by no request: one ran twice`, { sessions: [id] })
  }
}

/** The calls of a key that can have run: one for each outcome, or else all those that nobody knows of. */
const runnersOf = ({ calls, outcomes }: KeyEvidence): ReadonlyArray<Call> =>
  outcomes.length > 0 ? outcomes.flatMap(({ calls }) => calls.slice(0, 1)) : calls.filter(mayHaveRun)

const expects = ({ input: { expectedRevision } }: Call, revision: number): boolean =>
  expectedRevision === undefined || expectedRevision === null || expectedRevision === revision

/**
 * Evidence: a history put in order, by key and by session, as the invariants look at it. Made in one walk, so that a check is
 * about as long as its history.
 */
import type { Answer, Call, FinalEvent, FinalRecord, History, Owner, SeenSession } from "../History.ts"
import { textOf } from "./Json.ts"
import { stateText } from "./State.ts"

/** A call that was answered with success, and the state that the answer shows as a text. */
export type OkCall = Call & { readonly answer: Extract<Answer, { readonly type: "ok" }>; readonly shows: string }

/** One outcome of a key: the calls of one request that were answered with the same session in the same state. */
export interface Outcome {
  readonly request: string
  readonly calls: ReadonlyArray<OkCall>
  /** The run that made it happened no earlier than this, … */
  readonly earliest: number
  /** … and no later than this. */
  readonly latest: number
}

/** Everything known about one key of one owner. */
export interface KeyEvidence {
  readonly owner: string
  readonly key: string
  /** In the order in which they were sent. */
  readonly calls: Array<Call>
  /** The same, by request. */
  readonly requests: Map<string, Array<Call>>
  readonly records: Array<FinalRecord>
  /** In the order of their latest possible runs. */
  outcomes: ReadonlyArray<Outcome>
}

/** Everything known about one session of one owner. */
export interface SessionEvidence {
  readonly owner: string
  readonly id: string
  /** The calls that asked for it. */
  readonly asked: Array<Call>
  /** The answers that showed it. */
  readonly shown: Array<OkCall>
  readonly events: Array<FinalEvent>
  readonly records: Array<FinalRecord>
  final: SeenSession | null
}

/** A history in order. */
export interface Evidence {
  readonly calls: ReadonlyArray<Call>
  readonly keys: ReadonlyMap<string, KeyEvidence>
  readonly sessions: ReadonlyMap<string, SessionEvidence>
  /** The key whose record names this event as its run. */
  readonly runs: ReadonlyMap<string, KeyEvidence>
  /** How many owners used a key of this name. */
  readonly ownersOfKey: ReadonlyMap<string, number>
  /** The owners of a session with this id: one, unless something is wrong. */
  readonly ownersOfSession: ReadonlyMap<string, string>
  /** When the last thing happened that a client saw. */
  readonly end: number
}

/** So long a key is kept: 24 hours. */
const day = 86_400_000

/** The owner as one text. Neither part can hold a slash. */
export const ownerOf = ({ environment, organization }: Owner): string => `${organization}/${environment}`

/** The name under which a key or a session of an owner stands. */
export const nameOf = (owner: string, of: string): string => `${owner}/${of}`

/** When the answer to a call was there; never, if none came. */
export const answeredAt = ({ answered }: Call): number => answered ?? Infinity

/** Of the calls that are in evidence, which all have their state. */
export const isOk = (call: Call): call is OkCall => call.answer.type === "ok"

/**
 * Whether a call that did not succeed may have run all the same. Of one that was never answered nobody knows; and a request
 * with a key that ran is refused as redacted when its session was redacted before its answer was on the way.
 */
export const mayHaveRun = ({ answer, key }: Call): boolean =>
  answer.type === "unknown" || (answer.type === "failed" && answer.code === "session_redacted" && key !== null)

/** Whether a call surely did nothing. */
export const isRefused = (call: Call): boolean => call.answer.type === "failed" && !mayHaveRun(call)

/** What makes two requests the same one: operation, target and input, where expecting no revision is to say nothing. */
const requestOf = ({ input, operation, session }: Call): string => {
  const { expectedRevision = null, ...rest } = input
  return textOf([operation, session, rest, expectedRevision])
}

/** Whether two spans of time are surely less than a day apart. Time is told in whole milliseconds where a record expires. */
export const withinOneDay = (from: number, until: number): boolean => Math.ceil(until) - Math.floor(from) < day

/** From the first call of a key to the last answer. */
const spanOf = ({ calls }: KeyEvidence): readonly [from: number, until: number] => [
  calls[0]?.sent ?? 0,
  calls.reduce((until, call) => Math.max(until, call.answered ?? call.sent), 0)
]

/** Whether a key has run at most once in all that was seen of it: it was never free to be used afresh. */
export const isOneRun = (key: KeyEvidence): boolean => withinOneDay(...spanOf(key))

/** Puts a history in order. */
export const gather = ({ calls, final }: History): Evidence => {
  const keys = new Map<string, KeyEvidence>()
  const sessions = new Map<string, SessionEvidence>()
  const runs = new Map<string, KeyEvidence>()
  const ownersOfKey = new Map<string, number>()
  const ownersOfSession = new Map<string, string>()

  const keyOf = (owner: string, key: string) =>
    getOrMake(keys, nameOf(owner, key), () => {
      ownersOfKey.set(key, (ownersOfKey.get(key) ?? 0) + 1)
      return { owner, key, calls: [], requests: new Map(), records: [], outcomes: [] }
    })
  const sessionOf = (owner: string, id: string) =>
    getOrMake(sessions, nameOf(owner, id), () => ({
      owner,
      id,
      asked: [],
      shown: [],
      events: [],
      records: [],
      final: null
    }))

  for (const session of final.sessions) {
    sessionOf(ownerOf(session), session.id).final = session
    ownersOfSession.set(session.id, ownerOf(session))
  }
  for (const event of final.events) sessionOf(ownerOf(event), event.session).events.push(event)
  for (const record of final.records) {
    const key = keyOf(ownerOf(record), record.key)
    key.records.push(record)
    runs.set(record.run, key)
    sessionOf(ownerOf(record), record.session).records.push(record)
  }
  const inOrder = calls.map(withState).toSorted((a, b) => a.sent - b.sent)
  for (const call of inOrder) {
    const owner = ownerOf(call)
    if (call.key !== null) {
      const key = keyOf(owner, call.key)
      key.calls.push(call)
      getOrMake(key.requests, requestOf(call), () => []).push(call)
    }
    if (call.session !== null) sessionOf(owner, call.session).asked.push(call)
    if (isOk(call)) sessionOf(owner, call.answer.session.id).shown.push(call)
  }
  for (const session of sessions.values()) session.events.sort((a, b) => a.revision - b.revision)
  for (const key of keys.values()) key.outcomes = outcomesOf(key.requests)
  const end = calls.reduce((end, call) => Math.max(end, call.answered ?? call.sent), 0)
  return { calls: inOrder, keys, sessions, runs, ownersOfKey, ownersOfSession, end }
}

const withState = (call: Call): Call | OkCall =>
  call.answer.type === "ok" ? { ...call, answer: call.answer, shows: stateText(call.answer.session) } : call

const getOrMake = <V>(map: Map<string, V>, name: string, make: () => V): V => {
  const found = map.get(name)
  if (found !== undefined) return found
  const made = make()
  map.set(name, made)
  return made
}

const outcomesOf = (requests: ReadonlyMap<string, ReadonlyArray<Call>>): ReadonlyArray<Outcome> =>
  [...requests]
    .flatMap(([request, calls]) => {
      const alike = Map.groupBy(
        calls.filter(isOk),
        ({ answer: { session }, shows }) => `${session.id} ${session.revision} ${shows}`
      )
      return [...alike.values()].map((oks) => outcomeOf(request, calls[0]?.sent ?? 0, oks))
    })
    .toSorted((a, b) => a.latest - b.latest)

const outcomeOf = (request: string, firstSent: number, calls: ReadonlyArray<OkCall>): Outcome => {
  const latest = calls.reduce((latest, call) => Math.min(latest, answeredAt(call)), Infinity)
  const fresh = calls.find(({ answer }) => !answer.replayed)?.sent ?? Infinity
  // Without the first answer: a replay comes within a day of the run, and behind some request to replay.
  const since = calls.reduce((since, { sent }) => Math.max(since, sent - day), firstSent)
  return { request, calls, earliest: [fresh, since].find((time) => time <= latest) ?? firstSent, latest }
}

/** Histories made by hand: a small one that is right, and the parts to make it wrong with. */
import { makeId } from "@holdfast/testing"
import type { Answer, Call, FinalEvent, FinalRecord, History, SeenSession } from "@holdfast/testing"

export const hour = 3_600_000

/** Who owns everything, unless said otherwise. */
export const acme = { organization: "acme", environment: makeId("env", 1) }
export const globex = { organization: "globex", environment: makeId("env", 2) }

/** The session that everything is about, unless said otherwise. */
export const session = makeId("ses", 1)

/** The session at a revision. */
export const seen = (revision: number, overrides: Partial<SeenSession> = {}): SeenSession => ({
  id: session,
  revision,
  retentionStatus: "active",
  externalRef: null,
  metadata: {},
  ...overrides
})

export const redacted = (revision: number): SeenSession => seen(revision, { retentionStatus: "redacted" })

export const ok = (session: SeenSession): Answer => ({ type: "ok", replayed: false, session })
export const replay = (session: SeenSession): Answer => ({ type: "ok", replayed: true, session })
export const failed = (code: string): Answer => ({ type: "failed", code })
export const unknown: Answer = { type: "unknown", reason: "no answer" }

/** A call that was sent at a time and answered a millisecond later. Its time is its id. */
export const call = (sent: number, answer: Answer, overrides: Partial<Call> = {}): Call => ({
  ...acme,
  id: sent,
  sent,
  answered: answer.type === "unknown" ? null : sent + 1,
  operation: "updateSession",
  session,
  key: null,
  input: {},
  answer,
  ...overrides
})

/** The creation of the session, empty unless said otherwise. */
export const creation = (sent: number, answer: Answer, overrides: Partial<Call> = {}): Call =>
  call(sent, answer, { operation: "createSession", session: null, ...overrides })

export const redaction = (sent: number, answer: Answer, overrides: Partial<Call> = {}): Call =>
  call(sent, answer, { operation: "redactSession", ...overrides })

/** The events of the session, from the first revision on. Their ids are `evt_1`, `evt_2`, … */
export const events = (...types: ReadonlyArray<string>): ReadonlyArray<FinalEvent> =>
  types.map((type, n) => event(n + 1, type))

const event = (revision: number, type: string): FinalEvent => ({
  ...acme,
  id: `evt_${revision}`,
  session,
  revision,
  type: `session.${type}`
})

/** The record of a key, whose run made an event. */
export const record = (key: string, run: string, overrides: Partial<FinalRecord> = {}): FinalRecord => ({
  ...acme,
  key,
  session,
  run,
  erased: false,
  ...overrides
})

/** A history whose session stands as given. */
export const history = (
  calls: ReadonlyArray<Call>,
  final: SeenSession | null,
  tables: { readonly events?: ReadonlyArray<FinalEvent>; readonly records?: ReadonlyArray<FinalRecord> }
): History => ({
  calls,
  final: {
    sessions: final === null ? [] : [{ ...acme, ...final }],
    events: tables.events ?? [],
    records: tables.records ?? []
  }
})

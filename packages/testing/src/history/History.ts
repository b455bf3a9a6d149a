/**
 * History: what the clients of a service asked and were answered, as they saw it, and what stands in its database at the end.
 *
 * It is plain data of its own, which shares no code with the library: whoever records it (a test in one process, a program
 * that speaks HTTP to many) writes down what was on the wire, and the {@link check} judges it knowing nothing of how the
 * service is made.
 */

/** A JSON value. */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [name: string]: Json }

/** The environment of an organization: what belongs to one is unknown to all others. */
export interface Owner {
  readonly organization: string
  readonly environment: string
}

/** One request of one client, and what became of it. */
export interface Call extends Owner {
  /** Names the call in what the check reports. */
  readonly id: number
  /** When it was sent, on one clock for all clients, in milliseconds. */
  readonly sent: number
  /** When its answer was there; `null` if none came. */
  readonly answered: number | null
  readonly operation: "createSession" | "updateSession" | "redactSession"
  /** The session that was asked for; `null` for a creation. */
  readonly session: string | null
  readonly key: string | null
  /** The input as it was sent: of an update the patch. */
  readonly input: { readonly [name: string]: Json }
  readonly answer: Answer
}

/**
 * What the client knows afterwards. `ok`: it was applied, now or by an earlier request. `failed`: it was refused for good and
 * nothing was applied. `unknown`: no answer, or one that does not say; it may have been applied and may still be.
 */
export type Answer =
  | { readonly type: "ok"; readonly replayed: boolean; readonly session: SeenSession }
  | { readonly type: "failed"; readonly code: string }
  | { readonly type: "unknown"; readonly reason: string }

/** A session as an answer showed it. */
export interface SeenSession {
  readonly id: string
  readonly revision: number
  readonly retentionStatus: "active" | "redacted"
  readonly externalRef: string | null
  readonly metadata: { readonly [name: string]: Json }
}

/** The tables at the end, when nobody writes any more. */
export interface FinalState {
  readonly sessions: ReadonlyArray<Owner & SeenSession>
  readonly events: ReadonlyArray<FinalEvent>
  readonly records: ReadonlyArray<FinalRecord>
}

/** An event, as stored: one for each revision of a session. */
export interface FinalEvent extends Owner {
  readonly id: string
  readonly session: string
  readonly revision: number
  readonly type: string
}

/** An idempotency record, as stored. */
export interface FinalRecord extends Owner {
  readonly key: string
  readonly session: string
  /** The id of the event that the first request with this key made, if it made one. */
  readonly run: string
  /** Whether a redaction took fingerprint and outcome away. */
  readonly erased: boolean
}

/** Everything that the check needs. */
export interface History {
  readonly calls: ReadonlyArray<Call>
  readonly final: FinalState
}

/** A violation: one promise that a history shows broken, and where to look. */
import type { Call } from "../History.ts"
import type { Invariant } from "../Check.ts"

/** One broken promise. It names calls, keys and sessions, and shows no value. */
export interface Violation {
  readonly invariant: Invariant
  /** What is wrong, in a sentence. */
  readonly message: string
  /** The ids of the calls that show it. */
  readonly calls: ReadonlyArray<number>
  readonly keys: ReadonlyArray<string>
  readonly sessions: ReadonlyArray<string>
}

/** A violation, with the keys and sessions that its calls name and those named beside them. */
export const violation = (
  invariant: Invariant,
  message: string,
  where: {
    readonly calls?: ReadonlyArray<Call>
    readonly keys?: ReadonlyArray<string>
    readonly sessions?: ReadonlyArray<string>
  }
): Violation => {
  const calls = where.calls ?? []
  const keys = calls.flatMap(({ key }) => (key === null ? [] : [key]))
  const sessions = calls.flatMap(({ answer, session }) => [
    ...(session === null ? [] : [session]),
    ...(answer.type === "ok" ? [answer.session.id] : [])
  ])
  return {
    invariant,
    message,
    calls: calls.map(({ id }) => id),
    keys: [...new Set([...keys, ...(where.keys ?? [])])],
    sessions: [...new Set([...sessions, ...(where.sessions ?? [])])]
  }
}

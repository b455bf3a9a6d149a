/**
 * Bugs: what is logged of them, and what is not. Never the message of what was thrown, which can quote a value (contract §5);
 * what a client is told is for the facades.
 */
import { Effect } from "effect"

/** Logs a bug: the name of what was thrown, the place it was thrown at, the request and, where known, the field. */
export const logDefect = (
  thrown: unknown,
  requestId: string,
  path?: ReadonlyArray<string | number>
): Effect.Effect<void> =>
  Effect.annotateLogs(Effect.logError("A request failed unexpectedly"), {
    requestId,
    defect: thrown instanceof Error ? thrown.name : typeof thrown,
    at: placeOf(thrown),
    ...(path && { path: path.join(".") })
  })

/** The innermost line of the stack, without the message before it. */
const placeOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error) || thrown.stack === undefined) return "unknown"
  const frames = thrown.stack.slice(thrown.stack.indexOf(thrown.message) + thrown.message.length)
  return /^\s+at (.+)$/m.exec(frames)?.[1] ?? "unknown"
}

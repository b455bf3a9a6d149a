/**
 * Bugs: what is shown of them (that there was one) and what is logged (where, and in which request). Neither ever holds the
 * message of what was thrown, which can quote a value (contract §5).
 */
import { Effect } from "effect"
import { ProtocolError } from "./ErrorMapping.ts"

/** What a client is told of a bug. */
export const internalError = new ProtocolError({
  status: 500,
  code: "internal_server_error",
  message: "Something went wrong on our side"
})

/** Logs a bug: the name of what was thrown, the place it was thrown at, and the request. */
export const logDefect = (thrown: unknown, requestId: string): Effect.Effect<void> =>
  Effect.annotateLogs(Effect.logError("A request failed unexpectedly"), {
    requestId,
    defect: thrown instanceof Error ? thrown.name : typeof thrown,
    at: placeOf(thrown)
  })

/** The innermost line of the stack, without the message before it. */
const placeOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error) || thrown.stack === undefined) return "unknown"
  const frames = thrown.stack.slice(thrown.stack.indexOf(thrown.message) + thrown.message.length)
  return /^\s+at (.+)$/m.exec(frames)?.[1] ?? "unknown"
}

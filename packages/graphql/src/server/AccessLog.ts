/**
 * The access log: a line at `debug` for each request that is over, with nothing of what was asked in it: no query, no
 * variable, no key and no path that a client made up.
 */
import { Clock, Effect, LogLevel } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"

/** Notes a request; where nobody reads the lines, none are made. */
export const makeAccessLog = Effect.gen(function* () {
  if (!(yield* LogLevel.isEnabled("Debug"))) return () => {}
  const clock = yield* Clock.Clock
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  return (route: string, request: IncomingMessage, response: ServerResponse) => {
    const begun = clock.currentTimeMillisUnsafe()
    response.once("close", () => {
      const entry = {
        method: request.method,
        route,
        status: response.writableFinished ? response.statusCode : "aborted",
        ms: clock.currentTimeMillisUnsafe() - begun,
        requestId: response.getHeader("x-request-id") ?? null
      }
      fork(Effect.annotateLogs(Effect.logDebug("Answered"), entry))
    })
  }
})

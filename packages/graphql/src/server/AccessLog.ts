/**
 * The access log: a line at `debug` for each request that is over, with nothing of what was asked in it: no query, no
 * variable, no key and no path that a client made up.
 */
import { Clock, Effect, LogLevel } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"

interface About {
  /** Path of the route, or `none`: never a path that a client made up. */
  readonly route: string
  readonly requestId: string
}

/** Notes a request; where nobody reads the lines, none are made. */
export const makeAccessLog = Effect.gen(function* () {
  if (!(yield* LogLevel.isEnabled("Debug"))) return () => {}
  const clock = yield* Clock.Clock
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  return (about: About, request: IncomingMessage, response: ServerResponse) => {
    const begun = clock.currentTimeMillisUnsafe()
    response.once("close", () => {
      const entry = {
        ...about,
        method: request.method,
        status: response.writableFinished ? response.statusCode : "aborted",
        ms: clock.currentTimeMillisUnsafe() - begun
      }
      fork(Effect.annotateLogs(Effect.logDebug("Answered"), entry))
    })
  }
})

/**
 * The request itself: its identifier, where it comes from, and a way to run effects for it. First of all plugins, because
 * everything else builds on it; it also writes the headers that the others gathered into the answer, whatever that is.
 */
import { clientAddress, isRequestId } from "@holdfast/core"
import type { IdGenerator } from "@holdfast/core"
import { andThen } from "../MaybePromise.ts"
import type { Plugin, RequestState } from "./RequestState.ts"
import type { Runner } from "./Runner.ts"

const noKeys: ReadonlyMap<string, string> = new Map()

/**
 * Gives each request its id: that of the `X-Request-Id` header if it is 1 to 128 of `A-Z a-z 0-9 . _ -`, else a new `req_…`. It
 * is in the `X-Request-Id` of every answer.
 */
export const useRequest = (options: {
  readonly ids: IdGenerator["Service"]
  readonly runner: Runner
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: ReadonlyArray<string>
}): Plugin => {
  const addressOf = clientAddress(options.trustProxy)
  // One for all requests. Where each state was given a closure of its own, V8 took what a small collection found under way for old,
  // and kept it until the next full one: 4 kB of every update.
  const run: RequestState["run"] = function (effect) {
    return options.runner(effect, this)
  }
  return {
    onRequest({ request, serverContext }) {
      const given = request.headers.get("x-request-id") ?? ""
      const id = isRequestId(given) ? given : options.runner(options.ids.next("req"), { requestId: "" })
      return andThen(id, (requestId) => {
        // One by one: `Object.assign` looks each name up.
        const state = serverContext
        state.request = request
        state.requestId = requestId
        state.address = addressOf(state.req?.socket.remoteAddress, request.headers.get("x-forwarded-for"))
        state.caller = null
        state.idempotencyKeys = noKeys
        state.idempotencyReports = []
        state.run = run
        state.answerHeaders = { "x-request-id": requestId }
      })
    },
    onResponse({ response, serverContext }) {
      for (const [name, value] of Object.entries(serverContext.answerHeaders ?? {})) response.headers.set(name, value)
    }
  }
}

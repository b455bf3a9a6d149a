/**
 * What the server answers where: GraphQL at `/graphql`, `/health` (the process lives), `/ready` (it can serve: the store
 * answers and nobody has told it to stop), and elsewhere whatever else is mounted, or 404. `/` leads people to GraphiQL where
 * there is one.
 */
import { IdGenerator, isRequestId, SessionStore } from "@holdfast/core"
import { Effect } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { andThen } from "../MaybePromise.ts"
import { makeRunner } from "../plugins/Runner.ts"
import { endpoint } from "../Yoga.ts"
import { makeAccessLog } from "./AccessLog.ts"
import type { Listener } from "./HttpServer.ts"
import { sendError, sendJson } from "./Json.ts"

/** What the routes lead to. */
export interface RouteOptions {
  readonly graphql: Listener
  /** Whether the endpoint has a page for people, so that `/` leads there. */
  readonly hasPage: boolean
  /** Answers everything else; `null`: there is nothing else. */
  readonly elsewhere: Listener | null
  readonly draining: () => boolean
}

/** The listener that sees to every request of the server. */
export const makeRoutes = Effect.fnUntraced(function* ({ draining, elsewhere, graphql, hasPage }: RouteOptions) {
  const store = yield* SessionStore
  const ids = yield* IdGenerator
  const note = yield* makeAccessLog
  const services = yield* Effect.context<never>()
  const fork = Effect.runForkWith(services)
  const run = makeRunner(services)

  const ready: Page = (response) => {
    if (draining()) return sendJson(response, 503, { status: "draining" })
    fork(
      store.ready.pipe(
        Effect.timeout("2 seconds"),
        Effect.match({
          onSuccess: () => sendJson(response, 200, { status: "ready" }),
          onFailure: () => sendJson(response, 503, { status: "unavailable" })
        })
      )
    )
  }

  const pages: Record<string, Page> = {
    "/health": (response) => sendJson(response, 200, { status: "ok" }),
    "/ready": ready
  }
  if (hasPage) pages["/"] = (response) => response.writeHead(302, { location: endpoint }).end()

  const answer = (request: IncomingMessage, response: ServerResponse, requestId: string) => {
    const path = request.url?.split("?", 1)[0] ?? ""
    const isReading = request.method === "GET" || request.method === "HEAD"
    const page = isReading && Object.hasOwn(pages, path) ? pages[path] : undefined
    const route = path === endpoint || page !== undefined ? path : elsewhere === null ? "none" : "elsewhere"
    note({ route, requestId }, request, response)
    // Whoever answers takes the id from here, so that the same one is in the answer and in every log.
    request.headers["x-request-id"] = requestId
    if (path === endpoint) return graphql(request, response)
    if (page === undefined && elsewhere !== null) return elsewhere(request, response)
    response.setHeader("x-request-id", requestId)
    if (page === undefined) sendNotFound(response, requestId)
    else page(response)
  }

  return ((request, response) => {
    const given = request.headers["x-request-id"]
    const isGiven = typeof given === "string" && isRequestId(given)
    const requestId = isGiven ? given : run(ids.next("req"), { requestId: "" })
    void andThen(requestId, (id) => answer(request, response, id))
  }) satisfies Listener
})

type Page = (response: ServerResponse) => void

const sendNotFound = (response: ServerResponse, requestId: string): void =>
  sendError(response, 404, { error: "not_found", detail: `There is nothing here; ask ${endpoint}`, requestId })

/**
 * What the server answers where: GraphQL at `/graphql`, `/health` (the process lives), `/ready` (it can serve: the store
 * answers and nobody has told it to stop), and 404 elsewhere. `/` leads people to GraphiQL where there is one.
 */
import { IdGenerator, SessionStore } from "@holdfast/core"
import { Effect } from "effect"
import type { ServerResponse } from "node:http"
import { endpoint } from "../Yoga.ts"
import { makeAccessLog } from "./AccessLog.ts"
import type { Listener } from "./HttpServer.ts"
import { sendError, sendJson } from "./Json.ts"

/** What the routes lead to. */
export interface RouteOptions {
  readonly graphql: Listener
  /** Whether the endpoint has a page for people, so that `/` leads there. */
  readonly hasPage: boolean
  readonly draining: () => boolean
}

/** The listener that sees to every request of the server. */
export const makeRoutes = Effect.fnUntraced(function* ({ draining, graphql, hasPage }: RouteOptions) {
  const store = yield* SessionStore
  const ids = yield* IdGenerator
  const note = yield* makeAccessLog
  const fork = Effect.runForkWith(yield* Effect.context<never>())

  const ready = (response: ServerResponse) => {
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

  const notFound = (response: ServerResponse) =>
    fork(
      Effect.map(ids.next("req"), (requestId) =>
        sendError(response, 404, { error: "not_found", detail: `There is nothing here; ask ${endpoint}`, requestId })
      )
    )

  const pages: Record<string, (response: ServerResponse) => void> = {
    "/health": (response) => sendJson(response, 200, { status: "ok" }),
    "/ready": ready
  }
  if (hasPage) pages["/"] = (response) => response.writeHead(302, { location: endpoint }).end()

  return ((request, response) => {
    const path = request.url?.split("?", 1)[0] ?? ""
    if (path === endpoint) {
      note(path, request, response)
      return graphql(request, response)
    }
    const reading = request.method === "GET" || request.method === "HEAD"
    const page = reading && Object.hasOwn(pages, path) ? pages[path] : undefined
    note(page === undefined ? "none" : path, request, response)
    return (page ?? notFound)(response)
  }) satisfies Listener
})

/** The page for people who open the endpoint in a browser. What is on it is somebody else's concern. */
import { Effect } from "effect"
import type { HttpRequest } from "../Context.ts"
import type { Plugin } from "./RequestState.ts"

/** Makes the page. `address` is that of the client, normalised; `null` if unknown. */
export type GraphiQLPage = (
  request: HttpRequest,
  client: { readonly address: string | null }
) => Response | Promise<Response>

/** Answers a GET that accepts HTML with the page; without a page it does nothing. */
export const useGraphiQL = (options: { readonly page: GraphiQLPage | null; readonly endpoint: string }): Plugin => {
  const { endpoint, page } = options
  if (page === null) return {}
  return {
    async onRequest(event) {
      const { fetchAPI, request, serverContext } = event
      const isForPeople = request.method === "GET" && (request.headers.get("accept") ?? "").includes("text/html")
      if (!isForPeople || new URL(request.url).pathname !== endpoint) return
      try {
        event.endResponse(await serverContext.run(Effect.promise(async () => page(request, serverContext))))
      } catch {
        // Logged by now; an exception out of this hook would be answered with its stack.
        event.endResponse(new fetchAPI.Response(null, { status: 500 }))
      }
    }
  }
}

/**
 * Cross-origin requests: which web pages a browser lets read our answers. None, unless their origins are listed; never with
 * cookies, because who asks is said in a header.
 */
import type { Plugin } from "./RequestState.ts"

const exposed = "Deprecation, Idempotent-Replayed, Retry-After, Sunset, Verifa-Version, X-Request-Id"
const allowed = "Content-Type, Idempotency-Key, Key-Inflection, Verifa-Version, X-API-Key, X-Request-Id"

/** Lets pages of exactly these origins ask, such as `https://app.example.com`; with an empty list it does nothing. */
export const useCors = (origins: ReadonlyArray<string>): Plugin => {
  if (origins.length === 0) return {}
  const isListed = new Set<string | null>(origins)
  return {
    onRequest(event) {
      const { fetchAPI, request } = event
      const isPreflight = request.method === "OPTIONS" && request.headers.has("access-control-request-method")
      if (isPreflight) event.endResponse(new fetchAPI.Response(null, { status: 204 }))
    },
    onResponse({ request, response }) {
      // For every origin, or a cache would hand the answer to one page to another.
      const vary = response.headers.get("vary")
      response.headers.set("vary", vary ? `${vary}, Origin` : "Origin")
      const origin = request.headers.get("origin")
      if (origin === null || !isListed.has(origin)) return
      response.headers.set("access-control-allow-origin", origin)
      response.headers.set("access-control-expose-headers", exposed)
      if (request.method !== "OPTIONS") return
      response.headers.set("access-control-allow-methods", "GET, POST")
      response.headers.set("access-control-allow-headers", allowed)
      response.headers.set("access-control-max-age", "7200")
    }
  }
}

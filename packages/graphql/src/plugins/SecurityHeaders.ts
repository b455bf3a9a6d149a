/** Headers that keep an answer where it belongs: with the client that asked, read as what it is. */
import type { Plugin } from "./RequestState.ts"

/** Nobody stores an answer, unless it says itself for how long, and no browser guesses its type. */
export const useSecurityHeaders = (): Plugin => ({
  onResponse({ response: { headers } }) {
    headers.set("x-content-type-options", "nosniff")
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store")
  }
})

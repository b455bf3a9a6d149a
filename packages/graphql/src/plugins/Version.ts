/**
 * The API version (contract §7). GraphQL's schema only grows, so nothing is shaped by it: the header is checked, and the answer
 * says which version it was, and whether that one has an end.
 */
import type { ApiVersions } from "@holdfast/core"
import { Result } from "effect"
import { refusalOf } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/**
 * Refuses a `Verifa-Version` that is not answered; without the header the version pinned to the key counts. Answers carry
 * `Verifa-Version`, and `Deprecation` and `Sunset` (RFC 9745, RFC 8594) where the version is deprecated.
 */
export const useVersion = ({ versions }: { readonly versions: ApiVersions }): Plugin => ({
  onExecute({ context: { answerHeaders, caller, request } }) {
    const version = versions.resolve(request.headers.get("verifa-version"), caller?.version ?? null)
    if (Result.isFailure(version)) throw refusalOf(version.failure)
    const { date, state } = version.success
    answerHeaders["verifa-version"] = date
    if (state._tag !== "deprecated") return
    answerHeaders["deprecation"] = `@${Date.parse(state.since) / 1_000}`
    answerHeaders["sunset"] = new Date(state.sunset).toUTCString()
  }
})

/**
 * What is spoken: JSON in, JSON out. Anything else is refused before it is read, and an answer that nobody could take before
 * it is made. That a body must be `application/json` also keeps plain HTML forms of other sites out (CSRF).
 */
import { remember } from "../Remember.ts"
import { refusal } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/** Refuses bodies that are not JSON in UTF-8, or are compressed, with 415, and clients that take no JSON with 406. */
export const useMediaTypes = (): Plugin => ({
  onRequestParse({ endResponse, fetchAPI, request }) {
    if (!acceptsJson(request.headers.get("accept") ?? "*/*")) {
      const accept = [...answers].join(", ")
      // Yoga would find no way to write an error that the client accepts.
      endResponse(new fetchAPI.Response(null, { status: 406, headers: { accept } }))
    } else if (request.method === "POST") {
      const isPlain = (request.headers.get("content-encoding") ?? "identity").toLowerCase() === "identity"
      if (isPlain && isJson(request.headers.get("content-type") ?? "")) return
      throw refusal("MALFORMED_REQUEST", "Send the request as application/json in UTF-8, not compressed", {
        status: 415
      })
    }
  }
})

const mediaType = (text: string) => (text.split(";", 1)[0] ?? "").trim().toLowerCase()

const answers = new Set(["application/graphql-response+json", "application/json"])
const wildcards = new Set(["*/*", "application/*"])

const acceptsJson = remember((accept) =>
  accept.split(",").some((range) => {
    const type = mediaType(range)
    return answers.has(type) || wildcards.has(type)
  })
)

const isJson = remember((contentType) => {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? "utf-8"
  return mediaType(contentType) === "application/json" && (charset === "utf-8" || charset === "utf8")
})

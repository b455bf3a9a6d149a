/**
 * How errors look over HTTP: one row for each error of the library's catalogue (contract §5), one for what the protocol itself
 * refuses, and nothing else to look up.
 */
import type { FieldIssue, HoldfastError } from "@holdfast/core"
import { Data } from "effect"
import { HttpServerResponse } from "effect/http"
import type { Form } from "../Exchange.ts"
import { inflectKeys } from "./Render.ts"

type Headers = { readonly [name: string]: string }

/** What HTTP refuses before the library is asked, and what it says of a bug. */
export class ProtocolError extends Data.TaggedError("ProtocolError")<{
  readonly status: 404 | 405 | 406 | 413 | 415 | 500
  readonly code: "not_found" | "malformed_request" | "payload_too_large" | "internal_server_error"
  readonly message: string
  readonly headers?: Headers
}> {}

/** Everything that can be the answer instead of a success. */
export type Refusal = HoldfastError | ProtocolError

interface Row {
  readonly status: number
  readonly headers?: Headers | undefined
  readonly issues?: ReadonlyArray<FieldIssue>
}

const later = ({ retryAfter }: { readonly retryAfter: number }): Headers => ({ "retry-after": String(retryAfter) })

const table: { readonly [Tag in Refusal["_tag"]]: (error: Extract<Refusal, { readonly _tag: Tag }>) => Row } = {
  BadRequest: () => ({ status: 400 }),
  Unauthorized: () => ({ status: 401, headers: { "www-authenticate": 'ApiKey realm="holdfast"' } }),
  Forbidden: () => ({ status: 403 }),
  NotFound: () => ({ status: 404 }),
  // A revision comes from `If-Match`, and a precondition that fails is 412 (RFC 9110, 13.1.1).
  Conflict: ({ code }) => ({ status: code === "revision_mismatch" ? 412 : 409 }),
  Unprocessable: ({ issues }) => ({ status: 422, issues }),
  RateLimited: (error) => ({ status: 429, headers: later(error) }),
  Unavailable: (error) => ({ status: 503, headers: later(error) }),
  ProtocolError: ({ headers, status }) => ({ status, headers })
}

/** The answer for an error, in the form that the request asks for. */
export const errorResponse = (
  error: Refusal,
  { inflection, requestId }: Form
): HttpServerResponse.HttpServerResponse => {
  // A row takes exactly the errors that it is found by, which the compiler cannot follow.
  const { headers, issues = [], status } = (table[error._tag] as (error: Refusal) => Row)(error)
  const body = {
    error: error.code,
    detail: error.message,
    status_code: status,
    request_id: requestId,
    errors: issues.map(({ code, message, path }) => ({ path, code, detail: message }))
  }
  return HttpServerResponse.jsonUnsafe(inflectKeys(body, inflection), { status, ...(headers && { headers }) })
}

/**
 * The errors that go over the wire (contract §5): one envelope, with a schema for each HTTP status, as the OpenAPI document and
 * the typed client know them. `server/ErrorMapping.ts` makes them.
 */
import { BadRequest, Forbidden, IssueCode, Unprocessable } from "@holdfast/core"
import { Schema } from "effect"
import { text } from "./Wire.ts"

/** Identifier of a request: in every answer, in the log and in the audit trail. */
const RequestId = text("Identifier of the request, as in `X-Request-Id`. Name it when you ask for help.")

/** One violated rule. */
const Violation = Schema.Struct({
  path: Schema.Array(Schema.String).annotate({ description: "Where, in the names of the request." }),
  code: IssueCode.annotate({ description: "Which rule." }),
  detail: text("What is wrong, or what is allowed instead. Never the value that was sent.")
}).annotate({ identifier: "Violation" })

/**
 * The envelope of an error with an HTTP status (contract §5). `error` is one of the codes.
 *
 * @example
 * { error: "not_found", detail: "There is no session with this id", status_code: 404, request_id: "req_…", errors: [] }
 */
const errorBody = <const Status extends number, Code extends string>(
  identifier: string,
  status: Status,
  codes: Schema.Codec<Code>,
  description: string,
  example: {
    readonly error: NoInfer<Code>
    readonly detail: string
    readonly errors?: ReadonlyArray<typeof Violation.Type>
  }
) =>
  Schema.Struct({
    error: codes.annotate({ description: "What is wrong, for programs." }),
    detail: text("What is wrong, for people."),
    status_code: Schema.Literal(status),
    request_id: RequestId,
    errors: Schema.Array(Violation).annotate({ description: "Every violated rule, with `validation_failed`." })
  }).annotate({
    identifier,
    description,
    httpApiStatus: status,
    examples: [{ errors: [], ...example, status_code: status, request_id: "req_01kb0f3m9s0a1b2c3d4e5f6g7h" }]
  })

/** The envelopes, one for each status. The codes are those of the library (contract §5), and two of the protocol. */
export const errorBodies = {
  badRequest: errorBody(
    "BadRequest",
    400,
    BadRequest.fields.code,
    "The request cannot be understood. Nothing was looked up and nothing was done.",
    { error: "malformed_request", detail: "The body is not valid JSON" }
  ),
  unauthorized: errorBody(
    "Unauthorized",
    401,
    Schema.Literal("unauthorized"),
    "No usable API key. The answer is the same for every reason.",
    { error: "unauthorized", detail: "A valid API key is required in the X-API-Key header" }
  ),
  forbidden: errorBody("Forbidden", 403, Forbidden.fields.code, "The API key may not do this.", {
    error: "insufficient_scope",
    detail: "The API key lacks the scope sessions:write"
  }),
  notFound: errorBody(
    "NotFound",
    404,
    Schema.Literal("not_found"),
    "There is no such session for this caller, whether it never was or is somebody else's.",
    { error: "not_found", detail: "There is no session with this id" }
  ),
  notAcceptable: errorBody("NotAcceptable", 406, Schema.Literal("malformed_request"), "The client takes no JSON.", {
    error: "malformed_request",
    detail: "Answers are application/json"
  }),
  conflict: errorBody(
    "Conflict",
    409,
    Schema.Literals(["invalid_state", "idempotency_key_in_use"]),
    "The session, or the idempotency key, is in a state that does not allow this now.",
    {
      error: "idempotency_key_in_use",
      detail: "Another request with this idempotency key is still running; retry with the same key"
    }
  ),
  preconditionFailed: errorBody(
    "PreconditionFailed",
    412,
    Schema.Literal("revision_mismatch"),
    "The session is not at a revision that `If-Match` names. Nothing was changed.",
    { error: "revision_mismatch", detail: "The session is at revision 3" }
  ),
  payloadTooLarge: errorBody(
    "PayloadTooLarge",
    413,
    Schema.Literal("payload_too_large"),
    "The body is larger than 1 MB.",
    { error: "payload_too_large", detail: "The body is larger than 1048576 bytes" }
  ),
  unsupportedMediaType: errorBody(
    "UnsupportedMediaType",
    415,
    Schema.Literal("malformed_request"),
    "The body is not JSON in UTF-8.",
    { error: "malformed_request", detail: "Send the body as application/json in UTF-8" }
  ),
  unprocessable: errorBody(
    "Unprocessable",
    422,
    Unprocessable.fields.code,
    "Understood, and refused by a rule. Every violated rule is listed.",
    {
      error: "validation_failed",
      detail: "A rule is violated",
      errors: [{ path: ["metadata", "cart"], code: "too_large", detail: "is larger than 16384 bytes of JSON" }]
    }
  ),
  rateLimited: errorBody(
    "RateLimited",
    429,
    Schema.Literal("rate_limited"),
    "Too many requests: wait as `Retry-After` says.",
    { error: "rate_limited", detail: "Too many requests; retry in 30 seconds" }
  ),
  internalError: errorBody(
    "InternalError",
    500,
    Schema.Literal("internal_server_error"),
    "A bug on our side. The request id finds it in the log.",
    { error: "internal_server_error", detail: "Something went wrong on our side" }
  ),
  unavailable: errorBody(
    "Unavailable",
    503,
    Schema.Literal("unavailable"),
    "The service is down or overloaded. It is safe to retry with the same idempotency key.",
    {
      error: "unavailable",
      detail: "The service is temporarily unavailable; retry with the same idempotency key"
    }
  )
}

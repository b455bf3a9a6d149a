/**
 * The catalogue of errors: the closed set that the library raises (contract §5). Facades map it and never invent another.
 *
 * Each is a tagged Effect error with a schema, a stable `code` in snake case and a sentence that may be shown to anyone: it
 * never holds a rejected value, an id of another tenant, SQL or a stack. The annotation `httpApiStatus` is the status of
 * the contract's table.
 */
import { Schema } from "effect"
import { SessionStatus } from "./domain/SessionStatus.ts"
import { FieldIssue } from "./domain/Issue.ts"

/** The request itself cannot be understood: 400. Nothing was looked up and nothing was done. */
export class BadRequest extends Schema.TaggedError<BadRequest>()(
  "BadRequest",
  {
    code: Schema.Literals([
      "malformed_request",
      "unsupported_version",
      "invalid_inflection",
      "invalid_idempotency_key"
    ]),
    message: Schema.String
  },
  { httpApiStatus: 400 }
) {
  /** A request that cannot be read; `message` says why, without a value. */
  static readonly malformed = (message: string) => new BadRequest({ code: "malformed_request", message })

  /** An idempotency key outside the contract's alphabet, empty, too long, or sent twice. */
  static readonly invalidIdempotencyKey = () =>
    new BadRequest({
      code: "invalid_idempotency_key",
      message: "An idempotency key is 1 to 255 visible ASCII characters, sent once"
    })
}

/** No usable API key: 401. One message for every reason, so that nothing can be enumerated; the reason goes to the log. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", {}, { httpApiStatus: 401 }) {
  readonly code = "unauthorized"
  override get message() {
    return "A valid API key is required in the X-API-Key header"
  }
}

/** The caller is known and may not do this: 403. */
export class Forbidden extends Schema.TaggedError<Forbidden>()(
  "Forbidden",
  {
    code: Schema.Literals(["insufficient_scope", "sandbox_only"]),
    /** The scope that is lacking, such as `sessions:write`; `null` unless the code is `insufficient_scope`. */
    requiredScope: Schema.NullOr(Schema.String)
  },
  { httpApiStatus: 403 }
) {
  override get message() {
    return this.code === "sandbox_only"
      ? "This operation is for sandbox keys only"
      : `The API key lacks the scope ${this.requiredScope}`
  }
}

/** There is no such thing for this caller: 404. The same for an unknown id and for another tenant's. */
export class NotFound extends Schema.TaggedError<NotFound>()(
  "NotFound",
  {
    /** What was looked for. */
    entity: Schema.Literals(["session", "API key", "organization"])
  },
  { httpApiStatus: 404 }
) {
  readonly code = "not_found"
  override get message() {
    return `There is no ${this.entity} with this ${this.entity === "organization" ? "name" : "id"}`
  }
}

/** The session, or the idempotency key, is in a state that does not allow this now: 409. */
export class Conflict extends Schema.TaggedError<Conflict>()(
  "Conflict",
  {
    code: Schema.Literals(["invalid_state", "revision_mismatch", "idempotency_key_in_use"]),
    /** With `revision_mismatch`: the revision that the session has. */
    currentRevision: Schema.NullOr(Schema.Int),
    /** With `invalid_state`: the status that the session has. */
    status: Schema.NullOr(SessionStatus),
    /** With `invalid_state`: the operation that this status does not allow. */
    operation: Schema.NullOr(Schema.String)
  },
  { httpApiStatus: 409 }
) {
  override get message() {
    switch (this.code) {
      case "invalid_state":
        return `A session that is ${this.status} does not allow ${this.operation}`
      case "revision_mismatch":
        return `The session is at revision ${this.currentRevision}`
      case "idempotency_key_in_use":
        return "Another request with this idempotency key is still running; retry with the same key"
    }
  }

  /** The status machine has no such transition. */
  static readonly invalidState = (status: SessionStatus, operation: string) =>
    new Conflict({ code: "invalid_state", currentRevision: null, status, operation })

  /** The session is not at the expected revision. */
  static readonly revisionMismatch = (currentRevision: number) =>
    new Conflict({ code: "revision_mismatch", currentRevision, status: null, operation: null })

  /** A request with the same key ran for more than five seconds. */
  static readonly keyInUse = () =>
    new Conflict({ code: "idempotency_key_in_use", currentRevision: null, status: null, operation: null })
}

/** Understood, and refused by a rule: 422. With `validation_failed`, `issues` lists every violated rule. */
export class Unprocessable extends Schema.TaggedError<Unprocessable>()(
  "Unprocessable",
  {
    code: Schema.Literals(["validation_failed", "idempotency_mismatch", "session_redacted"]),
    issues: Schema.Array(FieldIssue)
  },
  { httpApiStatus: 422 }
) {
  override get message() {
    switch (this.code) {
      case "validation_failed":
        return this.issues.length === 1 ? "A rule is violated" : `${this.issues.length} rules are violated`
      case "idempotency_mismatch":
        return "This idempotency key was used for a different request"
      case "session_redacted":
        return "The session is redacted and cannot change"
    }
  }

  /** The input breaks rules: all of them are listed. */
  static readonly validationFailed = (issues: ReadonlyArray<FieldIssue>) =>
    new Unprocessable({ code: "validation_failed", issues })

  /** The idempotency key belongs to a different request. Shows nothing of that request. */
  static readonly idempotencyMismatch = () => new Unprocessable({ code: "idempotency_mismatch", issues: [] })

  /** The session's data was erased; it takes no more changes. */
  static readonly sessionRedacted = () => new Unprocessable({ code: "session_redacted", issues: [] })
}

/** Too many requests: 429. */
export class RateLimited extends Schema.TaggedError<RateLimited>()(
  "RateLimited",
  {
    /** Seconds to wait before the next request. */
    retryAfter: Schema.Int
  },
  { httpApiStatus: 429 }
) {
  readonly code = "rate_limited"
  override get message() {
    return `Too many requests; retry in ${this.retryAfter} seconds`
  }
}

/** The store is down or overloaded: 503. Safe to retry with the same idempotency key. */
export class Unavailable extends Schema.TaggedError<Unavailable>()(
  "Unavailable",
  {
    /** Seconds to wait before the next request. */
    retryAfter: Schema.Int
  },
  { httpApiStatus: 503 }
) {
  readonly code = "unavailable"
  override get message() {
    return "The service is temporarily unavailable; retry with the same idempotency key"
  }
}

/** Every error that a facade must be able to answer. */
export type HoldfastError =
  | BadRequest
  | Unauthorized
  | Forbidden
  | NotFound
  | Conflict
  | Unprocessable
  | RateLimited
  | Unavailable

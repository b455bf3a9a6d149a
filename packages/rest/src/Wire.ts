/**
 * What goes over the wire: the shapes of requests and answers in snake case and in the newest version, as the OpenAPI document
 * and the typed client know them (contract §2). Errors have a file of their own.
 *
 * The server does not go by these schemas: it renders answers itself and leaves inputs to the library, which says what is wrong
 * with them. The client does, and so a schema of an input refuses nothing that the library takes.
 */
import { CaseStatus, DocumentType, RetentionStatus, SessionStatus } from "@holdfast/core"
import { Schema, SchemaTransformation } from "effect"

const exampleId = "ses_01kb0f3m9s8x7w6v5t4r3q2p1n"

/** A time: RFC 3339 in UTC with milliseconds. */
const timestamp = (description: string) =>
  Schema.String.annotate({ description, format: "date-time" }).pipe(
    Schema.decodeTo(Schema.DateTimeUtc, SchemaTransformation.dateTimeUtcFromString)
  )

/** Text, of so many code points at most. */
export const text = (description: string, maxLength?: number) =>
  (maxLength === undefined ? Schema.String : Schema.String.check(Schema.isMaxCodePoints(maxLength))).annotate({
    description
  })

const count = (description: string, minimum = 0) =>
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(minimum)).annotate({ description })

const Metadata = Schema.Record(Schema.String, Schema.Json)

/** Identifier of a session. */
export const SessionIdText = Schema.String.annotate({
  description: "`ses_` and 26 characters that sort by time of creation and cannot be guessed.",
  examples: [exampleId]
})

const sessionExample = {
  id: exampleId,
  status: "pending",
  is_sandbox: true,
  environment: "env_01kb0f3m9s2a4b6c8d0e1f3g5h",
  created_at: "2026-11-22T09:30:00.000Z",
  updated_at: "2026-11-22T09:31:00.000Z",
  external_ref: "user-42",
  metadata: { tier: "gold", cart: { items: 3 } },
  country: "NZ",
  checks: null,
  workflow_id: null,
  redirect_url: null,
  document_type: null,
  retention_status: "active",
  processing_attempts: null,
  consent_ip: null,
  capture_url: "https://id.example.com/verify/tok_3T5mZq9W2xK7rB1nV8cJ4sD6gH0fL",
  token_expires_at: "2026-11-22T09:50:00.000Z",
  case_id: null,
  case_status: null,
  tags: ["vip"],
  revision: 2
} as const

/** A session, whole. */
export const SessionBody = Schema.Struct({
  id: SessionIdText,
  status: SessionStatus.annotate({ description: "Where it stands." }),
  is_sandbox: Schema.Boolean.annotate({ description: "Whether it lives in the sandbox, where nobody is checked." }),
  environment: text("Id of the environment it lives in, `env_…`: the one of the API key."),
  created_at: timestamp("When it was created."),
  updated_at: timestamp("When it last changed; never earlier than before."),
  external_ref: Schema.NullOr(text("Your own name for the person or the case.", 255)),
  metadata: Metadata.annotate({ description: "Your own data. No key inflection touches what is in it." }),
  country: Schema.NullOr(text("Country the document is expected from: two letters of ISO 3166-1.")),
  checks: Schema.NullOr(Schema.Array(Schema.String)).annotate({
    description: "Names of the checks to run; `null` means those of the workflow."
  }),
  workflow_id: Schema.NullOr(text("Id of the workflow that runs.")),
  redirect_url: Schema.NullOr(text("Where the person is sent when the capture is done.")),
  document_type: Schema.NullOr(DocumentType).annotate({ description: "The kind of document that was shown." }),
  retention_status: RetentionStatus.annotate({ description: "What of its data is still there." }),
  processing_attempts: Schema.NullOr(count("How often the checks ran.")),
  consent_ip: Schema.NullOr(text("Address from which the person agreed.")),
  capture_url: Schema.NullOr(
    text("Where the person goes to show a document; only while the session is `pending` or `capturing`.")
  ),
  token_expires_at: Schema.NullOr(timestamp("When the capture URL runs out.")),
  case_id: Schema.NullOr(text("Id of the case that was made from it.")),
  case_status: Schema.NullOr(CaseStatus).annotate({ description: "Where that case stands." }),
  tags: Schema.Array(Schema.String).annotate({ description: "Labels, in the order given." }),
  revision: count("1 at creation, one more with every change that was kept. It is also what the `ETag` says.", 1)
}).annotate({
  identifier: "Session",
  description: "The session.",
  // The document shows the wire, where a time is text.
  examples: [sessionExample as never]
})

/** A session that is new. The same schema, so that the document has it once. */
export const CreatedSessionBody = Schema.Union([SessionBody]).annotate({
  description: "The new session.",
  httpApiStatus: 201
})

/** A page of a list, counted from the newest session. */
export const SessionListBody = Schema.Struct({
  data: Schema.Array(SessionBody),
  pagination: Schema.Struct({
    total: count("How many sessions the whole list has."),
    limit: count("The size of the page that was asked for."),
    offset: count("How many sessions come before this page.")
  })
}).annotate({ identifier: "SessionList", description: "A page of sessions, newest first." })

/** What came of a redaction. */
export const RedactionBody = Schema.Struct({
  status: Schema.Literals(["deleted", "already_redacted"]),
  session_id: SessionIdText,
  documents_removed: count("How many documents were deleted."),
  message: Schema.String
}).annotate({
  identifier: "Redaction",
  description: "The session's personal data is gone.",
  examples: [
    {
      status: "deleted",
      session_id: exampleId,
      documents_removed: 0,
      message: "The session's personal data was erased"
    }
  ]
})

const ExternalRef = Schema.NullOr(text('Your own name for the person or the case; `""` is one.', 255))

/** What a session may be created with. */
export const CreateSessionBody = Schema.Struct({
  external_ref: Schema.optionalKey(ExternalRef),
  metadata: Schema.optionalKey(
    Metadata.annotate({ description: "Your own data: at most 50 keys, each value at most 16,384 bytes of JSON." })
  ),
  country: Schema.optionalKey(Schema.NullOr(text("Two letters of ISO 3166-1, such as `NZ`."))),
  checks: Schema.optionalKey(Schema.NullOr(Schema.Array(text("Name of a check.", 128)).check(Schema.isMaxLength(50)))),
  workflow_id: Schema.optionalKey(Schema.NullOr(text("Id of the workflow to run.", 255))),
  redirect_url: Schema.optionalKey(
    Schema.NullOr(text("An http or https URL the person is sent to when the capture is done.", 2048))
  ),
  tags: Schema.optionalKey(
    Schema.NullOr(
      Schema.Array(text("A label.", 128).check(Schema.isMinLength(1))).check(Schema.isMaxLength(50), Schema.isUnique())
    )
  )
}).annotate({
  identifier: "CreateSession",
  description: "Everything is optional; `null` says the same as absent.",
  examples: [{ external_ref: "user-42", metadata: { tier: "gold" }, country: "NZ", tags: ["vip"] }]
})

/** What of a session may be changed. */
export const UpdateSessionBody = Schema.Struct({
  external_ref: Schema.optionalKey(ExternalRef),
  metadata: Schema.optionalKey(
    Metadata.annotate({
      description:
        "Merged by key: a key sent replaces that key's value whole, a key not sent stays, a key sent as `null` is removed."
    })
  )
}).annotate({
  identifier: "UpdateSession",
  description: "Only these two can change. What is absent stays; `external_ref: null` clears it.",
  examples: [{ external_ref: "user-42", metadata: { tier: "gold", cart: null } }]
})

/**
 * The definition of the API: every path, with what it takes and what it answers. The server, the OpenAPI document and the typed
 * client are all made from it.
 *
 * A client sees the snake case of the newest version; `Key-Inflection` and `Verifa-Version` are for clients that speak HTTP by
 * themselves.
 */
import { apiVersions, SessionStatus } from "@holdfast/core"
import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Admission } from "./Admission.ts"
import { errorBodies } from "./ErrorBodies.ts"
import { describeDocument, describeNumbers } from "./OpenApiDocument.ts"
import {
  CreatedSessionBody,
  CreateSessionBody,
  RedactionBody,
  SessionBody,
  SessionIdText,
  SessionListBody,
  UpdateSessionBody
} from "./Wire.ts"

/** A header or a parameter. An example stands in its sentence, because tools send the examples that they find elsewhere. */
const optional = (description: string, example: string) =>
  Schema.optionalKey(Schema.String.annotate({ description: `${description} Such as \`${example}\`.` }))

const shape = {
  "verifa-version": optional(
    "Version of the API to speak. Without it the version pinned to the key counts, else the current one.",
    "2026-02-01"
  ),
  "key-inflection": Schema.optionalKey(
    Schema.Literals(["snake", "camel", "kebab"]).annotate({
      description: "Casing of the keys in the answer. Without it the key's default counts, else `snake`."
    })
  )
}

const change = {
  ...shape,
  "idempotency-key": optional(
    "1 to 255 visible ASCII characters. A retry with the same key answers with the first outcome, for 24 hours.",
    "order-7-tier"
  )
}

const ifMatch = optional(
  "Entity tags of the revisions that the session may have; with any other one the answer is 412.",
  '"3"'
)

const params = { id: SessionIdText }

const { conflict, forbidden, notFound, payloadTooLarge, preconditionFailed, unprocessable, unsupportedMediaType } =
  errorBodies

const list = HttpApiEndpoint.get("list", "/sessions", {
  headers: shape,
  query: {
    status: Schema.optionalKey(SessionStatus.annotate({ description: "Only sessions that have this status now." })),
    external_ref: optional('Only sessions with exactly this external reference; `""` is one.', "user-42"),
    q: optional("Only the session with this id, and sessions with this external reference.", "user-42"),
    tag: optional("Only sessions with this tag.", "vip"),
    created_after: optional("Only sessions created after this time, in RFC 3339.", "2026-11-01T00:00:00Z"),
    created_before: optional("Only sessions created before this time, in RFC 3339.", "2026-12-01T00:00:00Z"),
    limit: Schema.optionalKey(Schema.Int),
    offset: Schema.optionalKey(Schema.Int)
  },
  success: SessionListBody,
  error: [forbidden, unprocessable]
}).annotateMerge(
  OpenApi.annotations({
    summary: "List sessions",
    description: "The sessions of this environment, newest first. Scope `sessions:read`.",
    transform: describeNumbers({
      limit: { description: "Size of the page.", minimum: 1, maximum: 100, default: 50 },
      offset: { description: "Sessions to pass over.", minimum: 0, maximum: 2_147_483_647, default: 0 }
    })
  })
)

const create = HttpApiEndpoint.post("create", "/sessions", {
  headers: change,
  payload: CreateSessionBody,
  success: CreatedSessionBody,
  error: [forbidden, conflict, payloadTooLarge, unsupportedMediaType, unprocessable]
}).annotateMerge(
  OpenApi.annotations({
    summary: "Create a session",
    description: "A new session with the URL where the person shows a document. Scope `sessions:create`."
  })
)

const get = HttpApiEndpoint.get("get", "/sessions/:id", {
  params,
  headers: {
    ...shape,
    "if-match": ifMatch,
    "if-none-match": optional(
      "Entity tags that the client has; if one is that of the answer, the answer is 304.",
      '"3"'
    )
  },
  success: SessionBody,
  error: [forbidden, notFound, preconditionFailed]
}).annotateMerge(
  OpenApi.annotations({ summary: "Get a session", description: "One session, whole. Scope `sessions:read`." })
)

const update = HttpApiEndpoint.patch("update", "/sessions/:id", {
  params,
  headers: { ...change, "if-match": ifMatch },
  payload: UpdateSessionBody,
  success: SessionBody,
  error: [forbidden, notFound, conflict, preconditionFailed, payloadTooLarge, unsupportedMediaType, unprocessable]
}).annotateMerge(
  OpenApi.annotations({
    summary: "Update a session",
    description:
      "Merges into the metadata, and replaces or clears the external reference. An update that changes nothing succeeds and " +
      "leaves no trace. Scope `sessions:write`."
  })
)

const redact = HttpApiEndpoint.delete("redact", "/sessions/:id/data", {
  params,
  headers: { ...change, "if-match": ifMatch },
  success: RedactionBody,
  error: [forbidden, notFound, conflict, preconditionFailed, unprocessable]
}).annotateMerge(
  OpenApi.annotations({
    summary: "Redact a session",
    description:
      "Erases the session's personal data for good. Status, times and ids stay. Redacting again succeeds and says so. " +
      "Scope `redact:write`."
  })
)

/** What can be done with sessions. */
const sessions = HttpApiGroup.make("sessions")
  .add(list, create, get, update, redact)
  .prefix("/api/v1")
  .middleware(Admission)
  .annotate(OpenApi.Description, "The record of one identity verification.")

/** The API. */
export const Api = HttpApi.make("holdfast")
  .add(sessions)
  .annotateMerge(
    OpenApi.annotations({
      title: "Holdfast",
      version: apiVersions.current.date,
      servers: [{ url: "/", description: "The service that this document comes from." }],
      description:
        "Identity-verification sessions. An update is never lost and never applied twice.\n\n" +
        "Schemas show the keys of answers in snake case; `Key-Inflection` asks for another casing. Keys of inputs may be " +
        "written in snake, camel or kebab case.",
      transform: (generated) => describeDocument(generated as OpenApi.OpenAPISpec)
    })
  )

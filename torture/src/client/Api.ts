/**
 * The service as its clients know it: GraphQL over HTTP. Turns a request into a document, and a reply into what the client
 * knows after it. What no client could understand is a complaint.
 */
import type { Answer } from "@holdfast/testing"
import { Effect, Option, Schema } from "effect"
import type { Ask, Tenant } from "../workload/Ask.ts"
import { NoAnswer } from "./Http.ts"
import type { Post, Reply } from "./Http.ts"

/** What a client heard. */
interface Heard {
  readonly answer: Answer
  /** What is wrong with the reply, if anything is. */
  readonly complaint: string | null
}

/** The service. */
export interface Api {
  /** Sends a request to the server on this port; `null` if there is none. */
  readonly send: (port: number, ask: Ask) => Effect.Effect<Heard | null>
  /** Asks for something that has to do with no session. */
  readonly probe: (port: number, tenant: Tenant) => Effect.Effect<void, NoAnswer>
}

/** The code of a refusal that only means: ask again. */
export const inUse = "idempotency_key_in_use"

const seen = `{ replayed session { id revision retentionStatus externalRef metadata } }`
const result = (success: string) => `{ __typename ... on ${success} ${seen} ... on UserError { code } }`
const documents = {
  createSession: `mutation ($input: CreateSessionInput!) { result: createSession(input: $input) ${result("CreateSessionSuccess")} }`,
  updateSession: `mutation ($id: ID!, $input: UpdateSessionInput!) { result: updateSession(id: $id, input: $input) ${result("UpdateSessionSuccess")} }`,
  redactSession: `mutation ($id: ID!) { result: redactSession(id: $id) ${result("RedactSessionSuccess")} }`
}

/** The service, by whoever can post. */
export const makeApi = (post: Post): Api => ({
  send: (port, { input, key, operation, session, tenant }) => {
    const variables = {
      ...(session !== null && { id: session }),
      ...(operation !== "redactSession" && { input })
    }
    return post(
      port,
      { "x-api-key": tenant.apiKey, ...(key !== null && { "idempotency-key": key }) },
      JSON.stringify({ query: documents[operation], variables })
    ).pipe(
      Effect.map(hear),
      Effect.catch(({ reason }) =>
        Effect.succeed(reason === "ECONNREFUSED" ? null : { answer: unknown(reason), complaint: null })
      )
    )
  },
  probe: Effect.fnUntraced(function* (port, { apiKey }) {
    const { status } = yield* post(
      port,
      { "x-api-key": apiKey },
      JSON.stringify({ query: "{ viewer { organization } }" })
    )
    if (status !== 200) return yield* new NoAnswer({ reason: `HTTP ${status}` })
  })
})

const Success = Schema.Struct({
  replayed: Schema.Boolean,
  session: Schema.Struct({
    id: Schema.String,
    revision: Schema.Int,
    retentionStatus: Schema.Literals(["ACTIVE", "REDACTED"]),
    externalRef: Schema.NullOr(Schema.String),
    metadata: Schema.JsonObject
  })
})
const Failure = Schema.Struct({ code: Schema.String })
const decodeResult = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ data: Schema.Struct({ result: Schema.Union([Success, Failure]) }) }))
)
const decodeErrors = Schema.decodeUnknownOption(
  Schema.fromJsonString(
    Schema.Struct({
      errors: Schema.NonEmptyArray(Schema.Struct({ extensions: Schema.Struct({ code: Schema.String }) }))
    })
  )
)
/** Refusals that the workload provokes. */
const provoked = new Set(["idempotency_mismatch", "revision_mismatch", "session_redacted"])

const hear = (reply: Reply): Heard => {
  const found = decodeResult(reply.text)
  if (Option.isNone(found)) return hearErrors(reply)
  const { result } = found.value.data
  if ("code" in result) {
    const code = result.code.toLowerCase()
    if (code === inUse) return { answer: unknown(code), complaint: null }
    return { answer: { type: "failed", code }, complaint: provoked.has(code) ? null : `refused with ${code}` }
  }
  const { replayed, session } = result
  const retentionStatus = session.retentionStatus === "ACTIVE" ? "active" : "redacted"
  return { answer: { type: "ok", replayed, session: { ...session, retentionStatus } }, complaint: null }
}

/** A service that is not available may say so; anything else is more than that. */
const hearErrors = ({ status, text }: Reply): Heard => {
  const errors = decodeErrors(text)
  const reason = Option.isSome(errors) ? errors.value.errors[0].extensions.code : `HTTP ${status}`
  return { answer: unknown(reason), complaint: reason === "UNAVAILABLE" ? null : `answered with ${reason}` }
}

const unknown = (reason: string): Answer => ({ type: "unknown", reason })

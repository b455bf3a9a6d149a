/** What can be done with sessions, over HTTP: one call of the library each, and nothing but translation around it. */
import { Conflict, CreateSessionInput, PageSessions, Sessions, UpdateSessionInput } from "@holdfast/core"
import type { ApiVersions, HoldfastError, Json, JsonObject, Session } from "@holdfast/core"
import { Effect, Predicate } from "effect"
import type { Layer } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import type { HttpApiGroup } from "effect/http-api"
import type { Admission } from "../Admission.ts"
import { Api } from "../Api.ts"
import { Exchange } from "../Exchange.ts"
import { entityTag, parseChangeConditions, parseIfMatch, parseIfNoneMatch } from "./EntityTag.ts"
import { errorResponse } from "./ErrorMapping.ts"
import { makeInput } from "./Input.ts"
import { inflectKeys, renderSession } from "./Render.ts"

type Request = Exchange["Service"]

/** The operations on sessions, over the library's service. */
export const layerSessionRoutes = (
  versions: ApiVersions
): Layer.Layer<HttpApiGroup.Service<"holdfast", "sessions">, never, Sessions | Admission> =>
  HttpApiBuilder.group(
    Api,
    "sessions",
    Effect.fnUntraced(function* (handlers) {
      const sessions = yield* Sessions

      const listInput = makeInput("listSessions", Object.keys(PageSessions.fields), versions)
      const createInput = makeInput("createSession", Object.keys(CreateSessionInput.fields), versions)
      // The expected revision is not in the body: it is what `If-Match` says.
      const { expectedRevision: _, ...changeable } = UpdateSessionInput.fields
      const updateInput = makeInput("updateSession", Object.keys(changeable), versions)

      const render = ({ version }: Request, session: Session): JsonObject =>
        versions.render(version, "session", renderSession(session, sessions.captureUrl(session)))

      const tagOf = (request: Request, session: Session) => entityTag(session.revision, request, versions)

      const whole = (request: Request, session: Session, options: Options = {}) =>
        json(request, render(request, session), {
          ...options,
          headers: { etag: tagOf(request, session), ...options.headers }
        })

      return handlers
        .handle("list", () =>
          answer(
            Effect.fnUntraced(function* (request) {
              const { explain, value } = listInput(request.query, request.version)
              const page = yield* Effect.mapError(
                sessions.page(request.caller, withNumbers(value as PageSessions)),
                explain
              )
              const { limit, offset, total } = page
              const data = page.sessions.map((session) => render(request, session))
              return json(request, { data, pagination: { total, limit, offset } })
            })
          )
        )
        .handleRaw("create", () =>
          answer(
            Effect.fnUntraced(function* (request) {
              const { explain, value } = createInput(request.body, request.version)
              const { idempotencyKey } = request
              const { replayed, session } = yield* Effect.mapError(
                sessions.create(request.caller, { input: value as CreateSessionInput, idempotencyKey }),
                explain
              )
              const location = { location: `/api/v1/sessions/${session.id}` }
              return whole(request, session, { status: 201, headers: { ...location, ...replay(replayed) } })
            })
          )
        )
        .handle("get", ({ params: { id } }) =>
          answer(
            Effect.fnUntraced(function* (request) {
              const expected = yield* Effect.fromResult(parseIfMatch(request.header("if-match")))
              const isNamed = yield* Effect.fromResult(parseIfNoneMatch(request.header("if-none-match")))
              const session = yield* sessions.get(request.caller, id)
              if (expected !== null && !expected.includes(session.revision)) {
                return yield* Conflict.revisionMismatch(session.revision)
              }
              const tag = tagOf(request, session)
              return isNamed(tag)
                ? HttpServerResponse.empty({ status: 304, headers: { etag: tag } })
                : whole(request, session)
            })
          )
        )
        .handleRaw("update", ({ params: { id } }) =>
          answer(
            Effect.fnUntraced(function* (request) {
              const expected = yield* Effect.fromResult(parseChangeConditions(request.header))
              const { explain, value } = updateInput(request.body, request.version)
              const attempt = (expectedRevision: number | null) => {
                const input = (Predicate.isObject(value) ? { ...value, expectedRevision } : value) as UpdateSessionInput
                return sessions.update(request.caller, { id, input, idempotencyKey: request.idempotencyKey })
              }
              const { replayed, session } = yield* Effect.mapError(firstAllowed(expected ?? [null], attempt), explain)
              return whole(request, session, { headers: replay(replayed) })
            })
          )
        )
        .handle("redact", ({ params: { id } }) =>
          answer(
            Effect.fnUntraced(function* (request) {
              const { caller, idempotencyKey } = request
              const expected = yield* Effect.fromResult(parseChangeConditions(request.header))
              const { alreadyRedacted, replayed, session } = yield* firstAllowed(
                expected ?? [null],
                (expectedRevision) => sessions.redact(caller, { id, idempotencyKey, expectedRevision })
              )
              const redaction = versions.render(request.version, "redaction", {
                status: alreadyRedacted ? "already_redacted" : "deleted",
                session_id: session.id,
                documents_removed: 0,
                message: alreadyRedacted
                  ? "The session's personal data was erased before"
                  : "The session's personal data was erased"
              })
              return json(request, redaction, { headers: replay(replayed) })
            })
          )
        )
    })
  )

interface Options {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
}

const json = ({ inflection }: Request, body: Json, { headers, status = 200 }: Options = {}) =>
  HttpServerResponse.jsonUnsafe(inflectKeys(body, inflection), { status, ...(headers && { headers }) })

/** What the handler answers, or the answer for its error. */
const answer = (
  handle: (request: Request) => Effect.Effect<HttpServerResponse.HttpServerResponse, HoldfastError>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, Exchange> =>
  Effect.flatMap(Exchange, (request) =>
    Effect.catch(handle(request), (error) => Effect.succeed(errorResponse(error, request)))
  )

const replay = (replayed: boolean): { readonly [name: string]: string } =>
  replayed ? { "idempotent-replayed": "true" } : {}

/** The numbers of a query as numbers. What is none is left for the library to refuse. */
const withNumbers = (query: PageSessions): PageSessions => {
  const number = (given: unknown) => (typeof given === "string" && /^-?\d+$/.test(given) ? Number(given) : given)
  const { limit, offset, ...rest } = query
  return {
    ...rest,
    ...(limit !== undefined && { limit: number(limit) as number }),
    ...(offset !== undefined && { offset: number(offset) as number })
  }
}

/**
 * The first attempt that is not refused for its revision. One after the other and always in the same order, so that a retry
 * finds the outcome of the attempt that succeeded.
 */
const firstAllowed = <A, E extends HoldfastError>(
  [first = null, ...others]: ReadonlyArray<number | null>,
  attempt: (revision: number | null) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  others.length === 0
    ? attempt(first)
    : Effect.catchIf(attempt(first), dependsOnRevision, () => firstAllowed(others, attempt))

/** Whether a refusal can be for the revision that was expected, which is also part of what an idempotency key stands for. */
const dependsOnRevision = ({ code }: HoldfastError) => code === "revision_mismatch" || code === "idempotency_mismatch"

/**
 * Admission, as the server does it, in the contract's order (§4): what is sent can be read and answered, then who asks, then the
 * version, the casing and the idempotency key. The rules of the operation come after that, in the library.
 */
import { Authenticator, BadRequest, parseIdempotencyHeader, parseInflection } from "@holdfast/core"
import type { ApiVersion, ApiVersions, KeyInflection } from "@holdfast/core"
import { Effect, Layer, Result } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import type { HttpApiEndpoint } from "effect/http-api"
import { Admission } from "../Admission.ts"
import { Arrival, Exchange } from "../Exchange.ts"
import type { Form } from "../Exchange.ts"
import { readBody } from "./Body.ts"
import { errorResponse, ProtocolError } from "./ErrorMapping.ts"

/** The casing that a header asks for; `null` if there is none of that name. */
export const wantedInflection = (header: string | undefined): KeyInflection | null =>
  header === undefined ? null : Result.getOrElse(parseInflection(header), () => null)

/** Admission by the library's authenticator, to these versions. */
export const layerAdmission = (versions: ApiVersions): Layer.Layer<Admission, never, Authenticator> =>
  Layer.effect(
    Admission,
    Effect.gen(function* () {
      const authenticator = yield* Authenticator

      /** The request as it was sent, before anything is known of who sent it. */
      const read = Effect.fnUntraced(function* (
        endpoint: HttpApiEndpoint.Top,
        request: HttpServerRequest.HttpServerRequest
      ) {
        if (!acceptsJson(request.headers["accept"])) return yield* notAcceptable
        const query = yield* HttpServerRequest.ParsedSearchParams
        if (!isSingle(query)) return yield* BadRequest.malformed("The query names a parameter twice")
        const body = endpoint.payload.size > 0 ? yield* readBody(request, endpoint.method === "POST") : undefined
        return { query, body }
      })

      return {
        apiKey: (handler, { endpoint }) =>
          Effect.gen(function* () {
            const { address, inflection: wanted, requestId } = yield* Arrival
            const request = yield* HttpServerRequest.HttpServerRequest
            const header = (name: string) => request.headers[name] ?? null
            let form: Form = { requestId, inflection: wanted ?? "snake" }

            const admit = Effect.gen(function* () {
              const { body, query } = yield* read(endpoint, request)
              const identity = yield* authenticator.authenticate({ header, address, requestId })
              form = { requestId, inflection: wanted ?? identity.inflection ?? "snake" }
              const version = yield* Effect.fromResult(versions.resolve(header("verifa-version"), identity.version))
              yield* Effect.fromResult(parseOptional(parseInflection, header("key-inflection")))
              const key = endpoint.method === "GET" ? null : header("idempotency-key")
              const idempotencyKey = yield* Effect.fromResult(parseOptional(parseIdempotencyHeader, key))
              const caller = { ...identity, requestId, address }
              return Exchange.of({ ...form, caller, version, idempotencyKey, header, body, query })
            })

            const admitted = yield* Effect.result(admit)
            if (Result.isFailure(admitted)) return errorResponse(admitted.failure, form)
            const response = yield* handler.pipe(
              Effect.provideService(Exchange, admitted.success),
              // The library reads the query itself, so that everything wrong is said at once and in its order.
              Effect.provideService(HttpServerRequest.ParsedSearchParams, {})
            )
            return HttpServerResponse.setHeaders(response, versionHeaders(admitted.success.version))
          })
      }
    })
  )

const parseOptional = <A, E>(
  parse: (text: string) => Result.Result<A, E>,
  text: string | null
): Result.Result<A | null, E> => (text === null ? Result.succeed(null) : parse(text))

const notAcceptable = new ProtocolError({
  status: 406,
  code: "malformed_request",
  message: "Answers are application/json"
})

/** Whether a client takes JSON: the most specific range that fits decides (RFC 9110, 12.5.1), and none at all takes anything. */
const acceptsJson = (accept = ""): boolean => {
  const ranges = new Map(
    accept.split(",").map((range) => {
      const [type = "", ...parameters] = range.split(";")
      return [type.trim().toLowerCase(), !parameters.some((parameter) => /^\s*q=0(?:\.0*)?\s*$/i.test(parameter))]
    })
  )
  const isTaken = ranges.get("application/json") ?? ranges.get("application/*") ?? ranges.get("*/*") ?? false
  return isTaken || accept.trim() === ""
}

const isSingle = (query: {
  readonly [name: string]: string | ReadonlyArray<string>
}): query is Record<string, string> => Object.values(query).every((value) => typeof value === "string")

const headersByVersion = new WeakMap<ApiVersion, Record<string, string>>()

/** The version that was spoken, and when it ends (RFC 9745, RFC 8594). */
const versionHeaders = (version: ApiVersion): Record<string, string> => {
  let headers = headersByVersion.get(version)
  if (headers === undefined) {
    const { date, state } = version
    headers = { "verifa-version": date }
    if (state._tag === "deprecated") {
      headers["deprecation"] = `@${Date.parse(state.since) / 1_000}`
      headers["sunset"] = new Date(state.sunset).toUTCString()
    }
    headersByVersion.set(version, headers)
  }
  return headers
}

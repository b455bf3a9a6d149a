/**
 * The API as a listener for `node:http`. It answers everything that it is given: what is under `/api/v1`, `/openapi.json` and
 * `/docs`, and 404 for the rest. What else a server answers, it answers before it asks here.
 */
import { apiVersions, clientAddress, IdGenerator, isRequestId, logDefect } from "@holdfast/core"
import type { ApiVersions, Authenticator, Sessions } from "@holdfast/core"
import { makeHandler as makeNodeHandler } from "@effect/platform-node/NodeHttpServer"
import { Cause, Effect, Layer, Option } from "effect"
import type { Scope } from "effect"
import {
  HttpMiddleware,
  HttpRouter,
  HttpServer,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse
} from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import type { IncomingMessage, ServerResponse } from "node:http"
import { Api } from "../Api.ts"
import { Arrival } from "../Exchange.ts"
import { layerAdmission, wantedInflection } from "./Admit.ts"
import { internalError } from "./Defect.ts"
import { layerDocs } from "./Docs.ts"
import { errorResponse } from "./ErrorMapping.ts"
import { layerSessionRoutes } from "./SessionRoutes.ts"
import { makeUnrouted, routerConfig } from "./Unrouted.ts"
import type { Endpoint } from "./Unrouted.ts"

/** How requests are answered. Everything has a default that suits a server behind no proxy and for no web page. */
export interface HandlerOptions {
  /** Addresses and networks of the proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`. None by default. */
  readonly trustProxy?: ReadonlyArray<string> | undefined
  /** Origins of the web pages that may ask, such as `https://app.example.com`; exactly these. None by default. */
  readonly corsOrigins?: ReadonlyArray<string> | undefined
  /** Whether `/docs` is there; it is by default. */
  readonly docs?: boolean | undefined
  /** The API versions that are spoken; those of the product by default. */
  readonly versions?: ApiVersions | undefined
}

/** Answers one request. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Makes the listener. It runs in the context that it is made in (loggers, clock, tracer) and for as long as the scope lives; a
 * request whose client goes away is interrupted.
 *
 * @example
 * const rest = yield* makeHandler({ corsOrigins: ["https://app.example.com"] })
 * createServer((request, response) => (isGraphQL(request) ? yoga(request, response) : rest(request, response)))
 */
export const makeHandler = (
  options: HandlerOptions = {}
): Effect.Effect<Listener, never, Sessions | Authenticator | IdGenerator | Scope.Scope> =>
  Effect.gen(function* () {
    const { corsOrigins = [], docs = true, trustProxy = [], versions = apiVersions } = options
    const addressOf = clientAddress(trustProxy)
    const ids = yield* IdGenerator

    const api = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
      Layer.provide(layerSessionRoutes(versions)),
      Layer.provide(layerAdmission(versions)),
      Layer.provide(HttpServer.layerServices)
    )
    const routed = yield* HttpRouter.toHttpEffect(docs ? Layer.merge(api, layerDocs) : api).pipe(
      Effect.provideService(HttpRouter.RouterConfig, routerConfig)
    )
    const unrouted = makeUnrouted([...endpoints, ...(docs ? [{ method: "GET", path: "/docs" } as const] : [])])

    const shared = cors(corsOrigins)

    const answer = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const given = request.headers["x-request-id"] ?? ""
      const requestId = isRequestId(given) ? given : yield* ids.next("req")
      const inflection = wantedInflection(request.headers["key-inflection"])
      const form = { requestId, inflection: inflection ?? "snake" }
      const peer = Option.getOrUndefined(request.remoteAddress)
      const address = addressOf(peer, request.headers["x-forwarded-for"] ?? null)
      const answered = routed.pipe(
        Effect.provideService(Arrival, { requestId, address, inflection }),
        Effect.annotateLogs("requestId", requestId),
        Effect.catchCause((cause) => {
          if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
          const thrown = Cause.squash(cause)
          return isRouteNotFound(thrown)
            ? Effect.succeed(unrouted(request, form))
            : Effect.as(logDefect(thrown, requestId), errorResponse(internalError, form))
        })
      )
      const response = yield* corsOrigins.length === 0 || isPlainOptions(request) ? answered : shared(answered)
      return HttpServerResponse.setHeaders(response, {
        "cache-control": "no-store",
        ...response.headers,
        "x-content-type-options": "nosniff",
        "x-request-id": requestId
      })
    })

    return yield* makeNodeHandler(answer, { scope: yield* Effect.scope })
  })

const isRouteNotFound = (thrown: unknown) =>
  thrown instanceof HttpServerError.HttpServerError && thrown.reason._tag === "RouteNotFound"

/** A browser that asks whether a page may ask says for which method. Any other `OPTIONS` is a question about the path. */
const isPlainOptions = ({ headers, method }: HttpServerRequest.HttpServerRequest) =>
  method === "OPTIONS" && headers["access-control-request-method"] === undefined

const cors = (allowedOrigins: ReadonlyArray<string>) =>
  HttpMiddleware.cors({
    allowedOrigins,
    allowedMethods: ["GET", "HEAD", "POST", "PATCH", "DELETE"],
    allowedHeaders: [
      "Content-Type",
      "Idempotency-Key",
      "If-Match",
      "If-None-Match",
      "Key-Inflection",
      "Verifa-Version",
      "X-API-Key",
      "X-Request-Id"
    ],
    exposedHeaders: [
      "Deprecation",
      "ETag",
      "Idempotent-Replayed",
      "Location",
      "Retry-After",
      "Sunset",
      "Verifa-Version",
      "X-Request-Id"
    ],
    maxAge: 7200
  })

/** Everything that is answered but the documentation page. */
const endpoints: ReadonlyArray<Endpoint> = [
  { method: "GET", path: "/openapi.json" },
  ...Object.values(Api.groups).flatMap((group) => Object.values(group.endpoints))
]

/**
 * The GraphQL handler: Yoga as an ordered list of plugins, one concern each. It needs no server: `yoga(request, response)`
 * answers for `node:http`, `yoga.fetch` for anything that speaks `fetch`. The usual request over `node:http` goes through the
 * same plugins without Yoga's adapter (`plain/`).
 *
 * The order is the contract (graphql.md, "Order"): what a request is, then the document and its limits, then who asks, then
 * the headers. Whatever a plugin refuses, nothing has run.
 */
import { apiVersions, Authenticator, IdGenerator, logDefect, Sessions } from "@holdfast/core"
import type { ApiVersions } from "@holdfast/core"
import { Effect } from "effect"
import type { GraphQLSchema } from "graphql"
import { createYoga } from "graphql-yoga"
import type { IncomingMessage, ServerResponse } from "node:http"
import { makePipeline } from "./plain/Pipeline.ts"
import { makePlainPost } from "./plain/PlainPost.ts"
import { useAuthentication } from "./plugins/Authentication.ts"
import { useCancellation } from "./plugins/Cancellation.ts"
import { useCors } from "./plugins/Cors.ts"
import { useCost } from "./plugins/Cost.ts"
import { useDocument } from "./plugins/Document.ts"
import type { DocumentLimits } from "./plugins/Document.ts"
import { useErrors } from "./plugins/Errors.ts"
import { useGraphiQL } from "./plugins/GraphiQL.ts"
import type { GraphiQLPage } from "./plugins/GraphiQL.ts"
import { useIdempotency } from "./plugins/Idempotency.ts"
import { useInflection } from "./plugins/Inflection.ts"
import { useMediaTypes } from "./plugins/MediaTypes.ts"
import { useParams } from "./plugins/Params.ts"
import { useRequest } from "./plugins/Request.ts"
import type { Plugin } from "./plugins/RequestState.ts"
import { makeRunner } from "./plugins/Runner.ts"
import { useSecurityHeaders } from "./plugins/SecurityHeaders.ts"
import { useValidation } from "./plugins/Validation.ts"
import { useVariables } from "./plugins/Variables.ts"
import { useVersion } from "./plugins/Version.ts"
import { remember } from "./Remember.ts"
import { makeSchema } from "./Schema.ts"

/** The most that a request may ask for. */
export interface Limits extends DocumentLimits {
  readonly maxBodyBytes: number
  /** Objects that the answer may be made of. */
  readonly maxCost: number
}

/** The limits unless others are given. */
export const defaultLimits: Limits = {
  maxBodyBytes: 1_048_576,
  maxTokens: 2_000,
  maxDepth: 10,
  maxAliases: 15,
  maxRootFields: 10,
  maxDirectives: 20,
  maxCost: 1_000
}

/** How requests are answered. Everything has a default that suits development, behind no proxy and for no web page. */
export interface YogaOptions {
  /** Closes introspection and GraphiQL, and asks for the key before a document is validated. */
  readonly production?: boolean | undefined
  /** Addresses and networks of the proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`. */
  readonly trustProxy?: ReadonlyArray<string> | undefined
  /** Origins of the web pages that may ask, such as `https://app.example.com`; exactly these. */
  readonly corsOrigins?: ReadonlyArray<string> | undefined
  /** Makes the page for browsers that open the endpoint. Without it there is none; in production it is not asked. */
  readonly graphiql?: GraphiQLPage | undefined
  readonly limits?: Partial<Limits> | undefined
  readonly versions?: ApiVersions | undefined
}

/** The handler. */
export interface Yoga {
  /** Answers a request of `node:http`, or of what is built on it. */
  (request: IncomingMessage, response: ServerResponse): void
  /** Answers a request of the web platform, whose client's address is unknown. */
  readonly fetch: (request: string | URL | Request, init?: RequestInit) => Response | Promise<Response>
}

/** Path of the endpoint. */
export const endpoint = "/graphql"

const isHost = remember((host) => URL.canParse(`http://${host}${endpoint}`))

/**
 * The handler of the product's schema. It runs effects in the context that it is made in (loggers, clock, tracer), so make it
 * where the services are built.
 *
 * @example
 * const yoga = yield* makeYoga({ production: true, trustProxy: ["10.0.0.0/8"] })
 * createServer(yoga).listen(4000)
 */
export const makeYoga = Effect.fnUntraced(function* (options: YogaOptions = {}) {
  return yield* makeYogaOver(makeSchema({ sessions: yield* Sessions }), options)
})

/** The handler of another schema over `GraphQLContext`, one that an embedder extended or a test made. */
export const makeYogaOver = Effect.fnUntraced(function* (
  schema: GraphQLSchema,
  {
    corsOrigins = [],
    graphiql,
    production = false,
    trustProxy = [],
    versions = apiVersions,
    ...options
  }: YogaOptions = {}
) {
  const authenticator = yield* Authenticator
  const ids = yield* IdGenerator
  const services = yield* Effect.context<never>()
  const limits = { ...defaultLimits, ...options.limits }

  const plugins: Array<Plugin> = [
    useRequest({ ids, runner: makeRunner(services), trustProxy }),
    useSecurityHeaders(),
    useCors(corsOrigins),
    useGraphiQL({ page: production ? null : (graphiql ?? null), endpoint }),
    useMediaTypes(),
    useParams(limits),
    useDocument(limits),
    useValidation({ introspection: !production }),
    useVariables(),
    useCost(limits),
    useAuthentication({ authenticator, before: production ? "validation" : "execution" }),
    useVersion({ versions }),
    useInflection(),
    useIdempotency(),
    useCancellation(),
    useErrors({ schema, services })
  ]
  const yoga = createYoga({
    schema,
    graphqlEndpoint: endpoint,
    plugins,
    // Documents are kept by `useDocument`, which bounds what they take, and with them what came of validating them.
    parserAndValidationCache: false,
    // Each of these is done by a plugin above, or by the server around this handler.
    batching: false,
    cors: false,
    graphiql: false,
    // It cannot be turned off, but no URL ends with a space.
    healthCheckEndpoint: " ",
    landingPage: false,
    logging: false,
    maskedErrors: false,
    maxRequestBodySize: false,
    multipart: false
  })
  const fork = Effect.runForkWith(services)

  const answerPlain = makePlainPost({
    pipeline: makePipeline({ plugins, schema, fetchAPI: yoga.fetchAPI }),
    endpoint,
    maxBodyBytes: limits.maxBodyBytes,
    onDefect: (error, { headers }) => fork(logDefect(error, String(headers["x-request-id"])))
  })

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    // Yoga would answer a Host or a target that makes no URL with a stack.
    const host = request.headers.host ?? "localhost"
    if (request.url === endpoint ? isHost(host) : URL.canParse(`http://${host}${request.url}`)) {
      if (!answerPlain(request, response)) void yoga(request, response)
      return
    }
    fork(
      Effect.map(ids.next("req"), (id) => response.writeHead(400, { "x-request-id": id, connection: "close" }).end())
    )
  }
  const fetch: Yoga["fetch"] = (request, init = {}) =>
    typeof request === "string" || request instanceof URL ? yoga.fetch(request.toString(), init) : yoga.fetch(request)
  return Object.assign(listener, { fetch }) satisfies Yoga
})

/**
 * What the tests of the protocol stand on: the handler as the product configures it over the library in memory, clients with
 * and without a key, and the same on a real port. The schema is the product's, with a few fields that misbehave on purpose.
 */
import { Authenticator, Sessions, Unavailable } from "@holdfast/core"
import { makeExecutableSchema } from "@graphql-tools/schema"
import { GraphQLClient, provision } from "@holdfast/testing"
import type { Provisioned } from "@holdfast/testing"
import { Effect, Logger, Redacted } from "effect"
import type { Scope } from "effect"
import { GraphQLError, parse } from "graphql"
import { createServer, request as httpRequest } from "node:http"
import type { IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import type { GraphQLContext } from "../../src/Context.ts"
import { enumValues } from "../../src/Enums.ts"
import { makeResolvers } from "../../src/resolvers/Resolvers.ts"
import { DateTime } from "../../src/scalars/DateTime.ts"
import { JSONObject } from "../../src/scalars/JSONObject.ts"
import { loadTypeDefs } from "../../src/TypeDefs.ts"
import { makeYogaOver } from "../../src/Yoga.ts"
import type { Yoga, YogaOptions } from "../../src/Yoga.ts"

/** Stands for personal data: must never be seen in an error or in the log. */
export const secret = "canary-alice@example.com"

const misbehaving = parse(/* GraphQL */ `
  extend type Query {
    throws: String
    dies: String
    unavailable: String
    isCalledOff: String
    setsStatus: String
    answersGarbage: SessionStatus
    needed: String!
    hangs: String
    address: String
    "What answers: Yoga itself, or the plugins without its adapter."
    host: String
    number(value: Int! = 1): Int
    echo(
      status: SessionStatus
      input: CreateSessionInput
      count: Int
      list: [Int!]
      json: JSONObject
      either: Either
    ): String
  }
  input Either @oneOf {
    count: Int
    text: String
  }
  extend type Mutation {
    note(text: String): String
    throwsToo: String
    hangsToo: String
  }
`)

/** What the fields that misbehave leave behind. */
export interface Traces {
  /** Texts of `note`, in the order they ran. */
  readonly notes: Array<string>
  /** How often `hangs` began, and how often it was interrupted. */
  begun: number
  interrupted: number
}

const hang = (traces: Traces) =>
  Effect.suspend(() => {
    traces.begun++
    return Effect.onInterrupt(Effect.never, () =>
      Effect.sync(() => {
        traces.interrupted++
      })
    )
  })

const fields = (traces: Traces) => ({
  Query: {
    throws: () => {
      throw new TypeError(`Cannot read ${secret}`)
    },
    dies: (_: unknown, __: unknown, context: GraphQLContext) => context.run(Effect.die(new RangeError(`no ${secret}`))),
    unavailable: (_: unknown, __: unknown, context: GraphQLContext) => context.run(new Unavailable({ retryAfter: 1 })),
    isCalledOff: (_: unknown, __: unknown, context: GraphQLContext) => context.run(Effect.interrupt),
    setsStatus: () => {
      throw new GraphQLError("Nothing", { extensions: { code: "NOT_FOUND", http: { status: 404 } } })
    },
    answersGarbage: () => secret,
    needed: () => {
      throw new Error(secret)
    },
    hangs: (_: unknown, __: unknown, context: GraphQLContext) => context.run(hang(traces)),
    address: (_: unknown, __: unknown, { address }: GraphQLContext) => address,
    host: (_: unknown, __: unknown, context: GraphQLContext) => ("waitUntil" in context ? "Yoga" : "plain"),
    number: (_: unknown, { value }: { value: number }) => value,
    echo: () => "fine"
  },
  Mutation: {
    note: (_: unknown, { text }: { text: string }) => {
      traces.notes.push(text)
      return text
    },
    throwsToo: () => {
      throw new Error(secret)
    },
    hangsToo: (_: unknown, __: unknown, context: GraphQLContext) => context.run(hang(traces))
  }
})

/** A handler and who may use it. */
export interface World extends Provisioned {
  readonly yoga: Yoga
  /** Asks over a real port, and sends the key. */
  readonly client: GraphQLClient.GraphQLClient
  /** The same without a key. */
  readonly stranger: GraphQLClient.GraphQLClient
  /** Calls the handler in process, and sends the key. */
  readonly inProcess: GraphQLClient.GraphQLClient
  /** The headers that make a request one of `client`. */
  readonly headers: { readonly "content-type": string; readonly "x-api-key": string }
  readonly traces: Traces
  /** What was logged. */
  readonly log: ReadonlyArray<string>
}

/** A new world; the handler may be given an authenticator of its own. */
export const makeWorld = Effect.fnUntraced(function* (
  options: YogaOptions = {},
  authenticator?: Authenticator["Service"]
) {
  const provisioned = yield* provision()
  const typeDefs = loadTypeDefs()
  const traces: Traces = { notes: [], begun: 0, interrupted: 0 }
  const schema = makeExecutableSchema({
    typeDefs: [typeDefs, misbehaving],
    resolvers: [
      enumValues(typeDefs),
      { DateTime, JSONObject },
      makeResolvers({ sessions: yield* Sessions }),
      fields(traces)
    ]
  })
  const log: Array<string> = []
  const logger = Logger.map(Logger.formatJson, (line) => {
    log.push(line)
  })
  const yoga = yield* makeYogaOver(schema, options).pipe(
    Effect.provideService(Authenticator, authenticator ?? (yield* Authenticator)),
    Effect.provide(Logger.layer([logger]))
  )
  const headers = { "content-type": "application/json", "x-api-key": Redacted.value(provisioned.secret) }
  const url = `http://127.0.0.1:${yield* listen(yoga)}/graphql`
  const world: World = {
    ...provisioned,
    yoga,
    client: GraphQLClient.make({ url, fetch, headers }),
    stranger: GraphQLClient.make({ url, fetch }),
    inProcess: GraphQLClient.make({ url, fetch: yoga.fetch, headers }),
    headers,
    traces,
    log
  }
  return world
})

/** Serves the handler on a free port of the loopback until the test is over; answers the port. */
export const listen = (yoga: Yoga): Effect.Effect<number, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer(yoga)
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    ),
    (server) => (server.address() as AddressInfo).port
  )

/** What came back over a real port. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/**
 * A POST of these chunks over a real port, with exactly these headers: without `content-length` it goes in chunks. Interrupting
 * it destroys the connection.
 */
export const post = (
  port: number,
  headers: Readonly<Record<string, string | ReadonlyArray<string>>>,
  chunks: Iterable<string | Uint8Array>
): Effect.Effect<RawAnswer, Error> =>
  Effect.callback((resume) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, path: "/graphql", method: "POST", headers: headers as Record<string, string> },
      (response) => {
        const parts: Array<Buffer> = []
        response.on("data", (part: Buffer) => parts.push(part))
        response.on("end", () =>
          resume(
            Effect.succeed({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(parts).toString()
            })
          )
        )
      }
    )
    request.on("error", (error) => resume(Effect.fail(error)))
    for (const chunk of chunks) request.write(chunk)
    request.end()
    return Effect.sync(() => request.destroy())
  })

/**
 * Asks the schema, with no HTTP in between: the resolvers over the library in memory, run by graphql-js, or by the executor that
 * Yoga uses. What belongs to the protocol (headers, limits, masking) has tests of its own.
 */
import { Sessions } from "@holdfast/core"
import type { Caller, CreateApiKeyInput, HoldfastError } from "@holdfast/core"
import { provision } from "@holdfast/testing"
import { Cause, Effect, Exit } from "effect"
import type { DocumentTypeDecoration } from "@graphql-typed-document-node/core"
import { graphql } from "graphql"
import type { GraphQLSchema } from "graphql"
import { createYoga } from "graphql-yoga"
import type { GraphQLContext, IdempotencyReport } from "../../src/Context.ts"
import { toGraphQLError } from "../../src/ErrorMapping.ts"
import { makeSchema } from "../../src/Schema.ts"

/** One entry of `errors`. */
interface ErrorEntry {
  readonly message: string
  readonly path?: ReadonlyArray<string | number>
  readonly extensions?: { readonly [name: string]: unknown }
}

/** What came back, as a client reads it. */
export interface Answer<Data> {
  readonly data?: Data | null
  readonly errors?: ReadonlyArray<ErrorEntry>
  /** What the resolvers reported of idempotency keys. */
  readonly reports: ReadonlyArray<IdempotencyReport>
}

/** A document: text, or one that knows its types. */
type Document<Data, Variables> = DocumentTypeDecoration<Data, Variables> & { readonly toString: () => string }

/** Who asks, and the idempotency keys of the request by response key. */
interface AskOptions {
  readonly caller?: Caller | null
  readonly keys?: { readonly [responseKey: string]: string }
}

/** Asks the schema. */
export type Ask = <Data = unknown, Variables = { readonly [name: string]: unknown }>(
  document: Document<Data, Variables>,
  variables?: Variables,
  options?: AskOptions
) => Effect.Effect<Answer<Data>>

/** What runs a document against the schema. */
type Engine = (
  schema: GraphQLSchema,
  source: string,
  variables: { readonly [name: string]: unknown },
  context: GraphQLContext
) => Promise<unknown>

/** graphql-js. */
export const graphqlJs: Engine = async (schema, source, variables, context) =>
  graphql({ schema, source, variableValues: variables, contextValue: context })

/** Yoga, and with it the executor of graphql-tools. */
export const yoga: Engine = async (schema, source, variables, context) => {
  const server = createYoga({ schema, context: () => context, logging: false })
  const response = await server.fetch("http://test/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: source, variables })
  })
  return response.json()
}

/** Asks on behalf of `caller`, unless an option names another. */
const askAs = (caller: Caller, engine: Engine = graphqlJs): Effect.Effect<Ask, never, Sessions> =>
  Effect.gen(function* () {
    const schema = makeSchema({ sessions: yield* Sessions })
    const services = yield* Effect.context<never>()

    const run: GraphQLContext["run"] = async (effect) => {
      const exit = await Effect.runPromiseExitWith(services)(effect)
      if (Exit.isSuccess(exit)) return exit.value
      const failure = exit.cause.reasons.find(Cause.isFailReason)
      throw failure === undefined ? Cause.squash(exit.cause) : toGraphQLError(failure.error as HoldfastError)
    }

    return (document, variables, options = {}) =>
      Effect.promise(async () => {
        const reports: Array<IdempotencyReport> = []
        const source = document.toString()
        const answer = await engine(
          schema,
          source,
          { ...variables },
          {
            request: new Request("http://test/graphql"),
            params: { query: source },
            requestId: "req_test",
            address: caller.address,
            caller: options.caller === undefined ? caller : options.caller,
            idempotencyKeys: new Map(Object.entries(options.keys ?? {})),
            idempotencyReports: reports,
            run
          }
        )
        // As it is after it went over the wire: enum names, text for times, plain objects.
        return { ...(JSON.parse(JSON.stringify(answer)) as object), reports }
      })
  })

let organizations = 0

/** A new organization, a key for its sandbox, and a way to ask with it. Every scope unless the key says otherwise. */
export const connect = (key: Partial<CreateApiKeyInput> = {}, engine?: Engine) =>
  Effect.gen(function* () {
    const { apiKey, caller } = yield* provision({ organization: `org-${++organizations}`, ...key })
    return { apiKey, caller, ask: yield* askAs(caller, engine) }
  })

/** A new session of whoever asks; its id. */
export const createSession = (ask: Ask, input: { readonly [name: string]: unknown } = {}): Effect.Effect<string> =>
  Effect.map(
    ask<{ createSession: { session: { id: string } } }>(
      `mutation ($input: CreateSessionInput!) {
        createSession(input: $input) { ... on CreateSessionSuccess { session { id } } }
      }`,
      { input }
    ),
    ({ data }) => data?.createSession.session.id ?? ""
  )

const unreachable = () => Effect.die(new Error("Nothing asks"))

/** Sessions for a schema that is only looked at. */
export const unreachableSessions: Sessions["Service"] = {
  create: unreachable,
  get: unreachable,
  list: unreachable,
  page: unreachable,
  update: unreachable,
  redact: unreachable,
  captureUrl: () => null
}

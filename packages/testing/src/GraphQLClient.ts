/**
 * A GraphQL client for tests, over any `fetch`: a server behind a real port, or the handler itself in process. It shows
 * everything a client can see (status, headers, `data`, `errors`, `extensions` and the body as it came) and hides nothing
 * behind an exception: an answer that holds errors is an answer.
 *
 * It needs no GraphQL library. A document is text, or what graphql-codegen's client preset makes (`TypedDocumentString`),
 * and then `data` and `variables` have its types. Interrupting a request aborts it, as a client does that goes away.
 */
import { Effect, Schema } from "effect"

/** A document: a string, or anything that is turned into one and knows its types. */
export interface GraphQLDocument<Data, Variables> {
  readonly toString: () => string
  /** Never there at run time; carries the types, as in graphql-codegen's `TypedDocumentString`. */
  readonly __apiType?: ((variables: Variables) => Data) | undefined
}

/** One entry of `errors`. */
export interface GraphQLErrorShape {
  readonly message: string
  readonly path?: ReadonlyArray<string | number>
  readonly locations?: ReadonlyArray<{ readonly line: number; readonly column: number }>
  readonly extensions?: { readonly code?: string; readonly [name: string]: unknown }
}

/** What came back. */
export interface GraphQLAnswer<Data> {
  readonly status: number
  readonly headers: Headers
  /** `null` where the answer says `null`, `undefined` where it has no `data` at all. */
  readonly data: Data | null | undefined
  /** Empty where the answer has none. */
  readonly errors: ReadonlyArray<GraphQLErrorShape>
  /** Empty where the answer has none. */
  readonly extensions: { readonly [name: string]: unknown }
  /** The whole body: parsed where it is JSON, else as text. */
  readonly body: unknown
}

/** Headers of a request. One that is `undefined` takes away what the client sends by default. */
export type RequestHeaders = { readonly [name: string]: string | undefined }

/** What can be said beside document and variables. */
export interface RequestOptions {
  readonly headers?: RequestHeaders | undefined
  /** Which operation of the document to run. */
  readonly operationName?: string | undefined
}

/** There was no answer at all: no connection, or it broke. */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", { cause: Schema.Defect() }) {}

/** The part of `fetch` that is used; that of the platform and of GraphQL Yoga both fit. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly body: string
    readonly signal: AbortSignal
  }
) => Response | PromiseLike<Response>

/** A GraphQL client. */
export interface GraphQLClient {
  /**
   * Sends a document by POST. `variables` may be left out where the document asks for none.
   *
   * @example
   * const { data } = yield* client.request<{ viewer: { scopes: string[] } }>("{ viewer { scopes } }")
   */
  readonly request: <Data = unknown, Variables = { readonly [name: string]: unknown }>(
    document: GraphQLDocument<Data, Variables>,
    ...rest: {} extends Variables
      ? [variables?: Variables | undefined, options?: RequestOptions]
      : [variables: Variables, options?: RequestOptions]
  ) => Effect.Effect<GraphQLAnswer<Data>, NoAnswer>

  /** Sends a body as it is: for what no well-behaved client would send. */
  readonly send: (
    body: string,
    options?: { readonly headers?: RequestHeaders | undefined }
  ) => Effect.Effect<GraphQLAnswer<unknown>, NoAnswer>
}

/**
 * A client for the endpoint `url`, such as `http://127.0.0.1:4000/graphql`. `fetch` is the platform's unless given;
 * `headers` go with every request.
 *
 * @example
 * const client = GraphQLClient.make({ url: "http://test/graphql", fetch: yoga.fetch, headers: { "x-api-key": key } })
 */
export const make = (options: {
  readonly url: string
  readonly fetch?: Fetch | undefined
  readonly headers?: RequestHeaders | undefined
}): GraphQLClient => {
  const fetch: Fetch = options.fetch ?? globalThis.fetch

  const send = <Data>(body: string, headers: RequestHeaders = {}): Effect.Effect<GraphQLAnswer<Data>, NoAnswer> =>
    Effect.tryPromise({
      try: async (signal) => {
        const response = await fetch(options.url, {
          method: "POST",
          headers: mergeHeaders(defaultHeaders, options.headers ?? {}, headers),
          body,
          signal
        })
        return read<Data>(response, await response.text())
      },
      catch: (cause) => new NoAnswer({ cause })
    })

  return {
    request: (document, ...[variables, { headers, operationName } = {}]) =>
      send(JSON.stringify({ query: document.toString(), variables, operationName }), headers),
    send: (body, { headers } = {}) => send(body, headers)
  }
}

const defaultHeaders = {
  accept: "application/graphql-response+json, application/json;q=0.9",
  "content-type": "application/json"
}

const mergeHeaders = (...all: ReadonlyArray<RequestHeaders>): Record<string, string> => {
  const merged = new Map<string, string>()
  for (const [name, value] of all.flatMap(Object.entries<string | undefined>)) {
    if (value === undefined) merged.delete(name.toLowerCase())
    else merged.set(name.toLowerCase(), value)
  }
  return Object.fromEntries(merged)
}

const read = <Data>(response: Response, text: string): GraphQLAnswer<Data> => {
  const body = parse(text)
  const { data, errors, extensions } = (typeof body === "object" && body !== null ? body : {}) as Partial<
    GraphQLAnswer<Data>
  >
  return {
    status: response.status,
    headers: response.headers,
    data,
    errors: errors ?? [],
    extensions: extensions ?? {},
    body
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

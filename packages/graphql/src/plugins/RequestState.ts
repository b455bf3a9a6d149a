/**
 * What the plugins know of a request: the context of the resolvers while it is being filled in, and what the plugins tell each
 * other. There is one per request; the Yoga adapter hands it to every hook, as `serverContext` or as `context`.
 */
import type { DocumentNode, ExecutionArgs, ExecutionResult, OperationDefinitionNode } from "graphql"
import type { GraphQLParams, Plugin as YogaPlugin } from "graphql-yoga"
import type { IncomingMessage } from "node:http"
import type { GraphQLContext, HttpRequest } from "../Context.ts"
import type { MaybePromise } from "../MaybePromise.ts"

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** The operation to be executed. */
interface Operation {
  readonly document: DocumentNode
  readonly definition: OperationDefinitionNode
  /** Whether it asks for more than `__typename` and introspection. */
  readonly touchesData: boolean
}

/** A request on its way. */
export interface RequestState extends Mutable<GraphQLContext> {
  /** The request as Node knows it; absent where Yoga is called in process. */
  readonly req?: IncomingMessage
  /** Headers of the answer, whatever it will be, by lower-case name. */
  answerHeaders: Record<string, string>
  /** What is to be executed; there once the document is parsed. */
  operation: Operation
}

type YogaHooks = Required<YogaPlugin<RequestState, RequestState>>
type Event<Hook extends keyof YogaHooks> = YogaHooks[Hook] extends (event: infer Told) => unknown ? Told : never

/** What comes of an operation. */
export type Result = ExecutionResult | AsyncIterable<ExecutionResult>

/** Reads GraphQL's parameters out of a request. */
export type RequestParser = (request: HttpRequest) => MaybePromise<GraphQLParams>

/** An answer whose body is made; names of headers are in lower case. */
interface Answer {
  readonly headers: {
    readonly get: (name: string) => string | null | undefined
    readonly has: (name: string) => boolean
    readonly set: (name: string, value: string) => unknown
  }
}

/** What hooks are told of whose request it is. */
interface OfRequest {
  readonly request: HttpRequest
  readonly serverContext: RequestState
}

/** The same, from GraphQL's parameters on. */
interface OfOperation {
  readonly context: RequestState
}

/** What a plugin may do after an operation was executed. */
export interface Executed {
  readonly onExecuteDone: (event: {
    readonly result: Result
    readonly setResult: (result: ExecutionResult) => void
  }) => void
}

/** Hooks of Yoga, in the order in which they are called, with what our plugins are told of all that Yoga would tell. */
export interface Hooks {
  readonly onRequest: (event: OfRequest & Pick<Event<"onRequest">, "fetchAPI" | "endResponse">) => MaybePromise<void>
  readonly onRequestParse: (
    event: Pick<OfRequest, "request"> &
      Pick<Event<"onRequestParse">, "fetchAPI" | "endResponse"> & {
        readonly setRequestParser: (parser: RequestParser) => void
      }
  ) => void
  readonly onParams: (
    event: OfOperation & Pick<OfRequest, "request"> & Pick<Event<"onParams">, "params">
  ) => MaybePromise<void>
  readonly onParse: (event: OfOperation & Pick<Event<"onParse">, "setParsedDocument">) => void
  readonly onValidate: (event: Pick<Event<"onValidate">, "params" | "setResult">) => void
  readonly onExecute: (
    event: OfOperation & Pick<Event<"onExecute">, "setResultAndStopExecution"> & { readonly args: ExecutionArgs }
  ) => MaybePromise<Executed | void>
  readonly onResultProcess: (event: OfRequest & Pick<Event<"onResultProcess">, "result" | "setResult">) => void
  readonly onResponse: (event: OfRequest & { readonly response: Answer }) => void
}

/**
 * One concern of the server: a plugin of Yoga that also runs without Yoga's adapter (`plain/Pipeline.ts`), and therefore has
 * only these hooks.
 */
export type Plugin = Partial<Hooks>

/**
 * What the plugins know of a request: the context of the resolvers while it is being filled in, and what the plugins tell each
 * other. There is one per request; the Yoga adapter hands it to every hook, as `serverContext` or as `context`.
 */
import type { DocumentNode, OperationDefinitionNode, VariableValues } from "graphql"
import type { Plugin as YogaPlugin } from "graphql-yoga"
import type { IncomingMessage } from "node:http"
import type { GraphQLContext } from "../Context.ts"

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
  readonly answerHeaders: Record<string, string>
  /** What is to be executed; there once the document is parsed. */
  operation: Operation
  /** Its variables, coerced; there once they are checked. */
  variables: VariableValues
}

/** One concern of the server. */
export type Plugin = YogaPlugin<RequestState, RequestState>

/**
 * The plugins without an adapter around them: what Yoga does with a request, for one whose body is there and whose answer is
 * one JSON text. The same hooks are called in the same order and are told the same; that the answers are the same is tested
 * request by request.
 *
 * Yoga serves anything: it reads and writes streams, and asks after every step whether a promise came of it. For a small
 * mutation that is more work than the mutation.
 */
import { normalizedExecutor } from "@graphql-tools/executor"
import { GraphQLError } from "graphql"
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLSchema } from "graphql"
import { createGraphQLError, processRegularResult } from "graphql-yoga"
import type { FetchAPI, GraphQLParams } from "graphql-yoga"
import type { HttpRequest } from "../Context.ts"
import { internalError } from "../plugins/Defect.ts"
import type { Executed, Hooks, Plugin, RequestParser, RequestState, Result } from "../plugins/RequestState.ts"

/** What the plugins run on. */
export interface PipelineOptions {
  readonly plugins: ReadonlyArray<Plugin>
  readonly schema: GraphQLSchema
  readonly fetchAPI: FetchAPI
}

/** An answer, ready to be written; names of headers are in lower case. */
interface PlainAnswer {
  readonly status: number
  readonly headers: Map<string, string>
  readonly text: string
}

/** Answers a request with JSON of this media type. `state` holds what the host knows of the request; the plugins add the rest. */
export type Pipeline = (request: HttpRequest, state: RequestState, mediaType: string) => Promise<PlainAnswer>

/** The pipeline through these plugins. */
export const makePipeline = ({ fetchAPI, plugins, schema }: PipelineOptions): Pipeline => {
  const hooks = <Name extends keyof Hooks>(name: Name): ReadonlyArray<Hooks[Name]> =>
    plugins.flatMap((plugin: Partial<Hooks>) => plugin[name] ?? [])
  const onRequest = hooks("onRequest")
  const onRequestParse = hooks("onRequestParse")
  const onParams = hooks("onParams")
  const onParse = hooks("onParse")
  const onValidate = hooks("onValidate")
  const onExecute = hooks("onExecute")
  const onResultProcess = hooks("onResultProcess")
  const onResponse = hooks("onResponse")

  const execute = async (args: ExecutionArgs, context: RequestState): Promise<Result> => {
    let result: Result | undefined
    const setResult = (given: Result) => void (result = given)
    const executed: Array<Executed> = []
    for (const hook of onExecute) {
      const returned = hook({ args, context, setResultAndStopExecution: setResult })
      const after = returned instanceof Promise ? await returned : returned
      if (after) executed.push(after)
      if (result !== undefined) break
    }
    result ??= await normalizedExecutor(args)
    for (const { onExecuteDone } of executed) onExecuteDone({ result, setResult })
    return result
  }

  const perform = async (request: HttpRequest, context: RequestState, params: GraphQLParams): Promise<Result> => {
    context.params = params
    for (const hook of onParams) {
      const returned = hook({ request, params, context })
      if (returned instanceof Promise) await returned
    }
    let document: DocumentNode | undefined
    for (const hook of onParse) hook({ context, setParsedDocument: (given) => void (document = given) })
    if (document === undefined) throw new Error("No plugin parsed the document")
    let errors: ReadonlyArray<GraphQLError> = []
    for (const hook of onValidate) {
      hook({ params: { schema, documentAST: document }, setResult: (given) => void (errors = given) })
    }
    if (errors.length > 0) return { errors }
    const { operationName, variables } = params
    return execute({ schema, document, contextValue: context, variableValues: variables, operationName }, context)
  }

  const respond = async (request: HttpRequest, state: RequestState, mediaType: string): Promise<PlainAnswer> => {
    let ended: Response | undefined
    const endResponse = (given: Response) => void (ended = given)
    let result: Parameters<typeof processRegularResult>[0]
    try {
      let parser: RequestParser | undefined
      const setRequestParser = (given: RequestParser) => void (parser = given)
      for (const hook of onRequestParse) {
        hook({ request, fetchAPI, setRequestParser, endResponse })
        if (ended !== undefined) return await answerOf(ended)
      }
      if (parser === undefined) throw new Error("No plugin reads the request")
      result = await perform(request, state, await parser(request))
    } catch (error) {
      result = { errors: errorsOf(error) }
    }
    for (const hook of onResultProcess) {
      hook({ request, result, setResult: (given) => void (result = given), serverContext: state })
    }
    return isData(result) ? dataAnswer(result, mediaType) : answerOf(processRegularResult(result, fetchAPI, mediaType))
  }

  return async (request, state, mediaType) => {
    let ended: Response | undefined
    const endResponse = (given: Response) => void (ended = given)
    for (const hook of onRequest) {
      const returned = hook({ request, serverContext: state, fetchAPI, endResponse })
      if (returned instanceof Promise) await returned
      if (ended !== undefined) break
    }
    const response = ended === undefined ? await respond(request, state, mediaType) : await answerOf(ended)
    for (const hook of onResponse) hook({ request, response, serverContext: state })
    return response
  }
}

/** Whether all went well: nothing in such a result decides about its status or headers. */
const isData = (result: object): result is ExecutionResult => "data" in result && !("errors" in result)

const dataAnswer = (result: ExecutionResult, mediaType: string): PlainAnswer => {
  const text = JSON.stringify(result)
  const headers = new Map([
    ["content-type", `${mediaType}; charset=utf-8`],
    ["content-length", String(Buffer.byteLength(text))]
  ])
  return { status: 200, headers, text }
}

const answerOf = async (response: Response): Promise<PlainAnswer> => ({
  status: response.status,
  headers: new Map(response.headers),
  text: await response.text()
})

/** An error that ended the request, as Yoga has it in a result. */
const errorsOf = (error: unknown): ReadonlyArray<GraphQLError> => {
  if (error instanceof GraphQLError) return [error]
  return [error instanceof Error ? createGraphQLError(error.message, { originalError: error }) : internalError()]
}

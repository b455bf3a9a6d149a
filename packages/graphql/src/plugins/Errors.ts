/**
 * The last word on errors: whatever leaves has a code of the `ErrorCode` enum and the request id, and is either meant for the
 * client or says no more than that something went wrong. What was not meant for the client is logged, once, without values.
 */
import { logDefect } from "@holdfast/core"
import { Effect } from "effect"
import type { Context } from "effect"
import { GraphQLError, isEnumType } from "graphql"
import type { GraphQLSchema } from "graphql"
import { internalError } from "./Defect.ts"
import { refusal } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/** Masks and completes the errors of every answer. `services` hold the loggers. */
export const useErrors = (options: {
  readonly schema: GraphQLSchema
  readonly services: Context.Context<never>
}): Plugin => {
  const isCode = codesOf(options.schema)
  const fork = Effect.runForkWith(options.services)

  /** The error that may be shown for this one. */
  const presentable = (error: GraphQLError): GraphQLError | undefined => {
    const code: unknown = error.extensions["code"]
    if (isCode(code)) return error
    // Yoga's own word for requests that break the protocol; its sentences are fixed.
    if (code === "BAD_REQUEST") {
      const { headers = {}, status = 400 } = error.extensions.http ?? {}
      return refusal("MALFORMED_REQUEST", error.message, { status, headers })
    }
    return undefined
  }

  return {
    onResultProcess(event) {
      const { request, result, serverContext } = event
      if (Array.isArray(result) || !("errors" in result) || result.errors === undefined) return
      const { requestId } = serverContext
      const hasData = "data" in result
      const errors = result.errors.map((error) => {
        let shown = presentable(error)
        if (shown === undefined) {
          // Whoever went away reads no answer, and broke nothing.
          if (!request.signal.aborted) fork(logDefect(error.cause ?? error, requestId, error.path))
          shown = internalError()
        }
        const { http = { status: 500 }, ...extensions } = shown.extensions
        return new GraphQLError(shown.message, {
          nodes: error.nodes ?? null,
          source: error.source ?? null,
          positions: error.positions ?? null,
          path: error.path ?? null,
          // An answer with `data` is a success of HTTP, whatever a resolver thinks.
          extensions: { ...extensions, requestId, ...(!hasData && { http }) }
        })
      })
      event.setResult({ ...result, errors })
    }
  }
}

const codesOf = (schema: GraphQLSchema) => {
  const type = schema.getType("ErrorCode")
  const codes = new Set<unknown>(isEnumType(type) ? type.getValues().map(({ name }) => name) : [])
  return (code: unknown) => codes.has(code)
}

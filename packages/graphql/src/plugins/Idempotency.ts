/**
 * Idempotency keys of mutations (contract §6): which field has which, from the `Idempotency-Key` header and from
 * `@idempotent(key:)`, and what came of it in the answer. Queries ignore both.
 */
import { BadRequest, IdempotencyKey, parseIdempotencyHeader } from "@holdfast/core"
import { Result, Schema } from "effect"
import { getDirectiveValues, getOperationAST } from "graphql"
import type { FieldNode, GraphQLSchema, VariableValues } from "graphql"
import { refusal, refusalOf } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"
import { rootFields } from "./RootFields.ts"
import { coercedVariables } from "./Variables.ts"

/**
 * Finds the keys before anything runs, and reports what came of them: `extensions.idempotency` for every field, and
 * `Idempotent-Replayed: true` where the only field was replayed.
 */
export const useIdempotency = (): Plugin => ({
  onExecute({ args, context }) {
    // Not the operation that was sent: its response keys may have been inflected since.
    const operation = getOperationAST(args.document, args.operationName)
    if (operation?.operation !== "mutation") return
    let coerced: VariableValues | undefined
    const variables = () => (coerced ??= coercedVariables(args.schema, operation, args.variableValues ?? {}))
    const fields = rootFields(args.document, operation.selectionSet, variables)
    const header = headerKey(context.request.headers.get("idempotency-key"), fields.size)
    const keys = new Map<string, string>()
    for (const [responseKey, nodes] of fields) {
      const given = directiveKeys(args.schema, nodes, variables)
      const key = header ?? given[0]
      if (key === undefined) continue
      if (given.some((other) => other !== key)) {
        throw invalid("The idempotency keys of one field differ; they have to be the same")
      }
      keys.set(responseKey, key)
    }
    context.idempotencyKeys = keys
    if (keys.size === 0) return
    return {
      onExecuteDone({ result, setResult }) {
        const { answerHeaders, idempotencyReports: reports } = context
        if (reports.length === 0 || !("data" in result)) return
        setResult({ ...result, extensions: { ...result.extensions, idempotency: reports } })
        if (fields.size === 1 && reports[0]?.replayed === true) answerHeaders["idempotent-replayed"] = "true"
      }
    }
  }
})

const invalid = (message: string) => refusal("INVALID_IDEMPOTENCY_KEY", message, { status: 400 })

const headerKey = (header: string | null, fields: number): string | null => {
  if (header === null) return null
  const key = parseIdempotencyHeader(header)
  if (Result.isFailure(key)) throw refusalOf(key.failure)
  if (fields <= 1) return key.success
  throw invalid("Idempotency-Key covers one field of Mutation; with several, give each its own by @idempotent(key:)")
}

const isKey = Schema.is(IdempotencyKey)

const directiveKeys = (
  schema: GraphQLSchema,
  nodes: ReadonlyArray<FieldNode>,
  variables: () => VariableValues
): ReadonlyArray<string> =>
  nodes.flatMap((node) => {
    const directive = node.directives?.length ? schema.getDirective("idempotent") : undefined
    if (!directive) return []
    const key: unknown = getDirectiveValues(directive, node, variables())?.["key"]
    if (key === undefined) return []
    if (!isKey(key)) throw refusalOf(BadRequest.invalidIdempotencyKey())
    return [key]
  })

/**
 * Variables, coerced before anything runs and before anybody is asked who they are. What does not fit is answered with the
 * path and the expected type; GraphQL's own messages would repeat the whole input, personal data included.
 */
import { getVariableValues, typeFromAST, validateInputValue } from "graphql"
import type { GraphQLError, GraphQLInputType, GraphQLSchema, TypeNode, VariableDefinitionNode } from "graphql"
import { describeInputError } from "./InputErrors.ts"
import { refusal, requestError } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/** More would help nobody, and a hostile list could have thousands. */
const maxErrors = 20

/** Refuses variables that are not of their types, with all that is wrong with them at once. */
export const useVariables = (): Plugin => ({
  onExecute({ args, context, extendContext, setResultAndStopExecution }) {
    const { variableDefinitions: definitions = [] } = context.operation.definition
    const inputs = args.variableValues ?? {}
    const { variableValues } = getVariableValues(args.schema, definitions, inputs, { maxErrors: 1 })
    if (variableValues) {
      extendContext({ variables: variableValues })
    } else {
      const errors = definitions.flatMap((definition) => problems(args.schema, definition, inputs)).slice(0, maxErrors)
      setResultAndStopExecution({ errors })
    }
  }
})

const problems = (
  schema: GraphQLSchema,
  definition: VariableDefinitionNode,
  inputs: { readonly [name: string]: unknown }
): ReadonlyArray<GraphQLError> => {
  const name = definition.variable.name.value
  const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined
  if (value === undefined && definition.defaultValue !== undefined) return []
  const type = inputTypeOf(schema, definition.type)
  const found: Array<GraphQLError> = []
  validateInputValue(
    value,
    type,
    (error, path) => {
      if (found.length >= maxErrors) return
      const message = describeInputError(`The variable $${name}`, type, path, error)
      found.push(refusal("BAD_USER_INPUT", message, requestError, [definition]))
    },
    true
  )
  return found
}

// Validation has seen to it that it is one.
const inputTypeOf = (schema: GraphQLSchema, node: TypeNode) => typeFromAST(schema, node) as GraphQLInputType

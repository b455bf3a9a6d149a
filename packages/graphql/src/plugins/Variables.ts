/**
 * Variables, coerced before anything runs and before anybody is asked who they are. What does not fit is answered with the
 * path and the expected type. GraphQL itself would print the whole input with every error, personal data included, in time
 * that grows with the square of its size: it sees only what was found to fit, and the looking ends with the twentieth problem.
 */
import {
  getNullableType,
  getVariableValues,
  GraphQLError,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isScalarType,
  isSpecifiedScalarType,
  typeFromAST
} from "graphql"
import type {
  GraphQLInputObjectType,
  GraphQLInputType,
  GraphQLLeafType,
  GraphQLSchema,
  VariableDefinitionNode
} from "graphql"
import { cut, expected, unknownField } from "./InputErrors.ts"
import { refusal, requestError } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/** More would help nobody, and a hostile list could have thousands. */
const maxErrors = 20

/** Refuses variables that are not of their types, with all that is wrong with them at once. */
export const useVariables = (): Plugin => ({
  onExecute({ args, context, extendContext, setResultAndStopExecution }) {
    const { variableDefinitions: definitions = [] } = context.operation.definition
    const inputs = args.variableValues ?? {}
    const errors = errorsOf(args.schema, definitions, inputs).take(maxErrors).toArray()
    if (errors.length > 0) return setResultAndStopExecution({ errors })
    const { variableValues } = getVariableValues(args.schema, definitions, inputs, { maxErrors: 1 })
    if (variableValues) {
      extendContext({ variables: variableValues })
    } else {
      const message = "The variables are not of the types that the operation declares"
      setResultAndStopExecution({ errors: [refusal("BAD_USER_INPUT", message, requestError, definitions)] })
    }
  }
})

function* errorsOf(
  schema: GraphQLSchema,
  definitions: ReadonlyArray<VariableDefinitionNode>,
  inputs: { readonly [name: string]: unknown }
): Generator<GraphQLError, undefined> {
  for (const definition of definitions) {
    const name = definition.variable.name.value
    const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    if (value === undefined && definition.defaultValue !== undefined) continue
    // Validation has seen to it that it is one.
    const type = typeFromAST(schema, definition.type) as GraphQLInputType
    for (const { path, sentence } of problems(value, type, "")) {
      const at = path === "" ? "" : ` at ${path}`
      yield refusal("BAD_USER_INPUT", `The variable $${cut(name)}${at}: ${sentence}`, requestError, [definition])
    }
  }
}

interface Problem {
  readonly path: string
  readonly sentence: string
}

/** What is wrong with a value, found no sooner than it is asked for. `declared` is the type to speak of. */
function* problems(
  value: unknown,
  type: GraphQLInputType,
  path: string,
  declared: GraphQLInputType = type
): Generator<Problem, undefined> {
  const nullable = getNullableType(type)
  if (value === undefined || value === null) {
    if (isNonNullType(type)) yield { path, sentence: expected(type) }
  } else if (isListType(nullable)) {
    // One value stands for a list of one.
    if (!Array.isArray(value)) return yield* problems(value, nullable.ofType, path, declared)
    for (const [index, item] of value.entries()) yield* problems(item, nullable.ofType, `${path}[${index}]`)
  } else if (isInputObjectType(nullable)) {
    yield* fieldProblems(value, nullable, path)
  } else {
    const sentence = leafProblem(value, nullable, declared)
    if (sentence !== undefined) yield { path, sentence }
  }
}

function* fieldProblems(value: {}, type: GraphQLInputObjectType, path: string): Generator<Problem, undefined> {
  if (!isRecord(value)) {
    yield { path, sentence: `Expected value of type "${type.name}" to be an object` }
    return
  }
  const fields = type.getFields()
  for (const field of Object.values(fields)) {
    const inner = value[field.name]
    if (inner !== undefined) {
      yield* problems(inner, field.type, `${path}.${field.name}`)
    } else if (isRequiredInputField(field)) {
      yield { path, sentence: `Expected value of type "${type.name}" to include required field "${field.name}"` }
    }
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) yield { path, sentence: unknownField(type, name) }
  }
}

const isRecord = (value: {}): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && !Array.isArray(value)

const leafProblem = (value: {}, type: GraphQLLeafType, declared: GraphQLInputType): string | undefined => {
  const isOwnScalar = isScalarType(type) && !isSpecifiedScalarType(type)
  // No other leaf takes an object, and GraphQL would print it to say so.
  if (!isOwnScalar && typeof value === "object") return expected(declared)
  try {
    return type.coerceInputValue(value, true) === undefined ? expected(declared) : undefined
  } catch (error) {
    // Our own scalars repeat no value.
    return isOwnScalar && error instanceof GraphQLError ? error.message : expected(declared)
  }
}

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
    const errors = errorsOf(args.schema, definitions, inputs)
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

const errorsOf = (
  schema: GraphQLSchema,
  definitions: ReadonlyArray<VariableDefinitionNode>,
  inputs: { readonly [name: string]: unknown }
): ReadonlyArray<GraphQLError> => {
  const errors: Array<GraphQLError> = []
  for (const definition of definitions) {
    const name = definition.variable.name.value
    const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    if (value === undefined && definition.defaultValue !== undefined) continue
    const report: Report = (path, sentence) => {
      const at = path === "" ? "" : ` at ${path}`
      const message = `The variable $${cut(name)}${at}: ${sentence}`
      return errors.push(refusal("BAD_USER_INPUT", message, requestError, [definition])) < maxErrors
    }
    // Validation has seen to it that it is one.
    const type = typeFromAST(schema, definition.type) as GraphQLInputType
    if (!check(value, type, "", report)) break
  }
  return errors
}

/** Notes a problem; `false` says that it was the last. */
type Report = (path: string, sentence: string) => boolean

/** Looks for what is wrong with a value, until `report` has enough: then it is `false`. `declared` is the type to speak of. */
const check = (
  value: unknown,
  type: GraphQLInputType,
  path: string,
  report: Report,
  declared: GraphQLInputType = type
): boolean => {
  const nullable = getNullableType(type)
  if (value === undefined || value === null) return isNonNullType(type) ? report(path, expected(type)) : true
  if (isListType(nullable)) {
    // One value stands for a list of one.
    if (!Array.isArray(value)) return check(value, nullable.ofType, path, report, declared)
    return value.every((item, index) => check(item, nullable.ofType, `${path}[${index}]`, report))
  }
  if (isInputObjectType(nullable)) return checkFields(value, nullable, path, report)
  const sentence = leafProblem(value, nullable, declared)
  return sentence === undefined ? true : report(path, sentence)
}

const checkFields = (value: {}, type: GraphQLInputObjectType, path: string, report: Report): boolean => {
  if (!isRecord(value)) return report(path, `Expected value of type "${type.name}" to be an object`)
  const fields = type.getFields()
  const known = Object.values(fields).every((field) => {
    const inner = value[field.name]
    if (inner !== undefined) return check(inner, field.type, `${path}.${field.name}`, report)
    if (!isRequiredInputField(field)) return true
    return report(path, `Expected value of type "${type.name}" to include required field "${field.name}"`)
  })
  return (
    known && Object.keys(value).every((name) => Object.hasOwn(fields, name) || report(path, unknownField(type, name)))
  )
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

/**
 * Variables, checked before anything runs and before anybody is asked who they are. What does not fit is answered with the
 * path and the expected type. GraphQL itself would print the whole input with every error, personal data included, in time
 * that grows with the square of its size: it sees only what was found to fit, and the looking ends with the twentieth problem.
 * It coerces them when it executes; whoever needs them before has them coerced (`coercedVariables`).
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
  GraphQLInputField,
  GraphQLInputObjectType,
  GraphQLInputType,
  GraphQLLeafType,
  GraphQLSchema,
  OperationDefinitionNode,
  VariableDefinitionNode,
  VariableValues
} from "graphql"
import { cut, expected, unknownField } from "./InputErrors.ts"
import { refusal, requestError } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/** More would help nobody, and a hostile list could have thousands. */
const maxErrors = 20

/** Refuses variables that are not of their types, with all that is wrong with them at once. */
export const useVariables = (): Plugin => {
  const known = new WeakMap<OperationDefinitionNode, ReadonlyArray<Declared>>()
  return {
    onExecute({ args: { schema, variableValues }, context: { operation }, setResultAndStopExecution }) {
      const { definition } = operation
      let declared = known.get(definition)
      if (declared === undefined) {
        declared = declaredBy(schema, definition)
        known.set(definition, declared)
      }
      const errors = errorsOf(declared, variableValues ?? {})
      if (errors.length > 0) setResultAndStopExecution({ errors })
    }
  }
}

/** The variables of a request that were found to be of their types, coerced. */
export const coercedVariables = (
  schema: GraphQLSchema,
  { variableDefinitions: definitions = [] }: OperationDefinitionNode,
  inputs: Inputs
): VariableValues => {
  const { variableValues } = getVariableValues(schema, definitions, inputs, { maxErrors: 1 })
  if (variableValues) return variableValues
  const message = "The variables are not of the types that the operation declares"
  throw refusal("BAD_USER_INPUT", message, requestError, definitions)
}

/** What a request gives as variables. */
type Inputs = { readonly [name: string]: unknown }

/** A variable as the operation declares it. */
interface Declared {
  readonly definition: VariableDefinitionNode
  readonly name: string
  readonly type: GraphQLInputType
}

const declaredBy = (
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode
): ReadonlyArray<Declared> =>
  variableDefinitions.map((definition) => ({
    definition,
    name: definition.variable.name.value,
    // Validation has seen to it that it is one.
    type: typeFromAST(schema, definition.type) as GraphQLInputType
  }))

const errorsOf = (declared: ReadonlyArray<Declared>, inputs: Inputs): ReadonlyArray<GraphQLError> => {
  const errors: Array<GraphQLError> = []
  for (const { definition, name, type } of declared) {
    const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    if (value === undefined && definition.defaultValue !== undefined) continue
    const report: Report = (path, sentence) => {
      const at = path === "" ? "" : ` at ${path}`
      const message = `The variable $${cut(name)}${at}: ${sentence}`
      return errors.push(refusal("BAD_USER_INPUT", message, requestError, [definition])) < maxErrors
    }
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
  const known = fieldsOf(type).every((field) => {
    const inner = value[field.name]
    if (inner !== undefined) return check(inner, field.type, `${path}.${field.name}`, report)
    if (!isRequiredInputField(field)) return true
    return report(path, `Expected value of type "${type.name}" to include required field "${field.name}"`)
  })
  const all =
    known && Object.keys(value).every((name) => Object.hasOwn(fields, name) || report(path, unknownField(type, name)))
  if (!all || !type.isOneOf) return all
  const [only, ...others] = Object.values(value)
  if (only != null && others.length === 0) return true
  return report(path, `Expected value of type "${type.name}" to have exactly one field, which is not null`)
}

/** Fields of input types, as a list that is made once. */
const lists = new WeakMap<GraphQLInputObjectType, ReadonlyArray<GraphQLInputField>>()

const fieldsOf = (type: GraphQLInputObjectType): ReadonlyArray<GraphQLInputField> => {
  const known = lists.get(type)
  if (known !== undefined) return known
  const list = Object.values(type.getFields())
  lists.set(type, list)
  return list
}

const isRecord = (value: {}): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && !Array.isArray(value)

const leafProblem = (value: {}, type: GraphQLLeafType, declared: GraphQLInputType): string | undefined => {
  // No leaf but our own takes an object, and GraphQL would print it to say so.
  if (typeof value === "object" && !isOwnScalar(type)) return expected(declared)
  try {
    return type.coerceInputValue(value, true) === undefined ? expected(declared) : undefined
  } catch (error) {
    // Our own scalars repeat no value.
    return error instanceof GraphQLError && isOwnScalar(type) ? error.message : expected(declared)
  }
}

const isOwnScalar = (type: GraphQLLeafType): boolean => isScalarType(type) && !isSpecifiedScalarType(type)

/**
 * Validation by GraphQL's own rules, with two of ours: no message repeats a value of the document or a long name, and `@idempotent` stands
 * only where it does something. Suggestions are off, and so is introspection when it is closed. A document is validated
 * once, for as long as it is kept.
 */
import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  validate,
  validateInputLiteral,
  ValuesOfCorrectTypeRule
} from "graphql"
import type {
  DocumentNode,
  GraphQLInputType,
  GraphQLSchema,
  ValidationContext,
  ValidationRule,
  ValueNode
} from "graphql"
import { cutNames, describeInputError } from "./InputErrors.ts"
import { requestError } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/** More would help nobody, and a hostile document could have thousands. */
const maxErrors = 20

/** Validates documents; without `introspection` a document may not ask for the schema. */
export const useValidation = ({ introspection }: { readonly introspection: boolean }): Plugin => {
  const rules = [
    ...specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule),
    quietValuesRule,
    idempotentRule,
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])
  ]
  const known = new WeakMap<DocumentNode, ReadonlyArray<GraphQLError>>()
  const check = (schema: GraphQLSchema, document: DocumentNode) =>
    validate(schema, document, rules, { hideSuggestions: true, maxErrors }).map(
      ({ message, nodes }) =>
        new GraphQLError(cutNames(message), {
          nodes: nodes ?? null,
          extensions: { code: "GRAPHQL_VALIDATION_FAILED", http: requestError }
        })
    )
  return {
    onValidate({ params, setResult }) {
      const document = params.documentAST
      let errors = known.get(document)
      if (errors === undefined) {
        errors = check(params.schema, document)
        known.set(document, errors)
      }
      setResult(errors)
    }
  }
}

/** GraphQL's `ValuesOfCorrectTypeRule`, saying what was expected and not what was found. */
const quietValuesRule: ValidationRule = (context: ValidationContext) => {
  const check = (node: ValueNode, type: GraphQLInputType | null | undefined) => {
    if (type) {
      const argument = context.getArgument()
      const what = argument ? `The argument "${argument.name}"` : "The value"
      validateInputLiteral(
        node,
        type,
        (error, path) =>
          context.reportError(
            new GraphQLError(describeInputError(what, type, path, error), { nodes: error.nodes ?? node })
          ),
        undefined,
        undefined,
        true
      )
    }
    return false
  }
  const visit = (node: ValueNode) => check(node, context.getInputType())
  return {
    NullValue: visit,
    ListValue: (node) => check(node, context.getParentInputType()),
    ObjectValue: visit,
    EnumValue: visit,
    IntValue: visit,
    FloatValue: visit,
    StringValue: visit,
    BooleanValue: visit
  }
}

/** Inside an answer the directive would do nothing, while its author believes to be safe. */
const idempotentRule: ValidationRule = (context: ValidationContext) => ({
  Field(node) {
    const directive = node.directives?.find(({ name }) => name.value === "idempotent")
    const parent = context.getParentType()
    const schema = context.getSchema()
    if (directive && parent && parent !== schema.getMutationType() && parent !== schema.getQueryType()) {
      context.reportError(new GraphQLError("@idempotent belongs on a field of Mutation itself", { nodes: directive }))
    }
  }
})

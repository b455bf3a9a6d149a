/**
 * Cost: about how many objects an operation can make the server build. An object costs 1, and a page as many times its
 * contents as it may have entries; scalars are free. In execution, not a validation rule: Yoga caches validation by document,
 * and the cost can depend on variables.
 */
import { getNamedType, GraphQLError, isLeafType, Kind, visit } from "graphql"
import type { DocumentNode, OperationDefinitionNode } from "graphql"
import { getComplexity } from "graphql-query-complexity"
import type { ComplexityEstimator } from "graphql-query-complexity"
import { refusal, requestError } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/** Page sizes of the contract: without being asked, and at most. */
const pageSize = { usual: 50, most: 100 }

/** Refuses operations that cost more than `maxCost`. */
export const useCost = ({ maxCost }: { readonly maxCost: number }): Plugin => {
  /** Costs that are always the same; `null` for an operation whose cost is not. */
  const known = new WeakMap<OperationDefinitionNode, number | null>()
  return {
    onExecute({ args: { document, operationName, schema, variableValues }, context: { operation } }) {
      const cost =
        known.get(operation.definition) ??
        costOf({
          schema,
          query: document,
          variables: variableValues ?? {},
          estimators: [estimate],
          ...(operationName && { operationName })
        })
      if (cost > maxCost) {
        const found = Number.isFinite(cost) ? `costs ${cost}` : "is too large to be counted"
        throw refusal("QUERY_TOO_COMPLEX", `The operation ${found}; a cost of ${maxCost} is allowed`, { status: 400 })
      }
      if (!known.has(operation.definition)) known.set(operation.definition, isConstant(document) ? cost : null)
    }
  }
}

const badArgument = "With these variables an argument is not of the type that the schema asks for"

const costOf = (options: Parameters<typeof getComplexity>[0]): number => {
  try {
    return getComplexity(options)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    // An argument that only its variables make wrong, such as a null where none may be. The message quotes it.
    if (error.nodes !== undefined) throw refusal("BAD_USER_INPUT", badArgument, requestError, error.nodes)
    // Ten thousand selections, fragments unfolded: it stopped counting.
    return Number.POSITIVE_INFINITY
  }
}

const estimate: ComplexityEstimator = ({ args, childComplexity, field }) => {
  if (isLeafType(getNamedType(field.type))) return 0
  const isPage = field.args.some(({ name }) => name === "first" || name === "last")
  const asked: unknown = args["first"] ?? args["last"] ?? pageSize.usual
  // A size beyond the contract's is refused by the field itself, which says so.
  const entries = isPage ? Math.min(Math.max(Number(asked), 0), pageSize.most) : 1
  return 1 + entries * childComplexity
}

/** Arguments that decide how much there is of something: of a page, of `@skip` and of `@include`. */
const decisive = new Set(["first", "last", "if"])

/**
 * Whether no variable can change the cost, nor make an argument wrong: GraphQL lets only one with a default value stand where
 * none may be null.
 */
const isConstant = (document: DocumentNode): boolean => {
  let constant = true
  visit(document, {
    VariableDefinition: ({ defaultValue }) => {
      if (defaultValue !== undefined) constant = false
    },
    Argument: ({ name, value }) => {
      if (value.kind === Kind.VARIABLE && decisive.has(name.value)) constant = false
    }
  })
  return constant
}

/** The fields at the root of an operation, as they will be executed: after fragments, `@skip` and `@include`. */
import { getDirectiveValues, GraphQLIncludeDirective, GraphQLSkipDirective, Kind } from "graphql"
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  SelectionNode,
  SelectionSetNode,
  VariableValues
} from "graphql"

/** The nodes of each field by its response key; several under one key are one field that is executed once. */
export type RootFields = ReadonlyMap<string, ReadonlyArray<FieldNode>>

/**
 * Those of selections with neither directives nor named fragments, which are the same whatever the variables and the document: one
 * whose keys were inflected has other fragments under the same selections.
 */
const unconditional = new WeakMap<SelectionSetNode, RootFields>()

/** The root fields by response key, `__typename` left out. `variables` are asked for only where a directive could use them. */
export const rootFields = (
  document: DocumentNode,
  selections: SelectionSetNode,
  variables: () => VariableValues
): RootFields => {
  const known = unconditional.get(selections)
  if (known !== undefined) return known

  const fields = new Map<string, Array<FieldNode>>()
  const seen = new Set<string>()
  let isConditional = false
  const fragment = (name: string): FragmentDefinitionNode | undefined =>
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .find((definition) => definition.name.value === name)

  const collect = (set: SelectionSetNode) => {
    for (const selection of set.selections) {
      if (selection.directives?.length) {
        isConditional = true
        if (!isIncluded(selection, variables())) continue
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet)
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        isConditional = true
        const name = selection.name.value
        const definition = seen.has(name) ? undefined : fragment(name)
        seen.add(name)
        if (definition !== undefined) collect(definition.selectionSet)
      } else if (selection.name.value !== "__typename") {
        const key = selection.alias?.value ?? selection.name.value
        fields.set(key, [...(fields.get(key) ?? []), selection])
      }
    }
  }

  collect(selections)
  if (!isConditional) unconditional.set(selections, fields)
  return fields
}

const isIncluded = (node: SelectionNode, variables: VariableValues): boolean =>
  getDirectiveValues(GraphQLSkipDirective, node, variables)?.["if"] !== true &&
  getDirectiveValues(GraphQLIncludeDirective, node, variables)?.["if"] !== false

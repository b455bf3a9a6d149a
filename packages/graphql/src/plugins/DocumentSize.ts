/**
 * How much a document asks for, by its text alone: no schema and no variables. Fragments are followed and counted wherever
 * they are used, but each is measured once, so that neither a cycle nor fragments of fragments make it slow.
 */
import { Kind } from "graphql"
import type { DocumentNode, OperationDefinitionNode, SelectionNode, SelectionSetNode } from "graphql"

/** What is counted in an operation. */
export interface OperationSize {
  /** Levels of fields; introspection and `__typename` have none. */
  readonly depth: number
  readonly aliases: number
  readonly directives: number
  /** Fields at the root, including `__typename`. */
  readonly rootFields: number
  /** Whether it asks for anything but `__typename` and introspection. */
  readonly touchesData: boolean
}

const nothing: OperationSize = { depth: 0, aliases: 0, directives: 0, rootFields: 0, touchesData: false }

/** Makes a function that measures the operations of this document. */
export const measure = (document: DocumentNode): ((operation: OperationDefinitionNode) => OperationSize) => {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition.selectionSet] as const] : []
    )
  )
  const measured = new Map<string, OperationSize>()

  const ofFragment = (name: string): OperationSize => {
    const known = measured.get(name)
    if (known !== undefined) return known
    // A fragment that leads back to itself adds nothing; validation refuses it.
    measured.set(name, nothing)
    const set = fragments.get(name)
    const size = set === undefined ? nothing : ofSet(set)
    measured.set(name, size)
    return size
  }

  const ofSelection = (node: SelectionNode): OperationSize => {
    const directives = node.directives?.length ?? 0
    if (node.kind === Kind.FIELD) {
      const inner = node.selectionSet === undefined ? nothing : ofSet(node.selectionSet)
      const isMeta = node.name.value.startsWith("__")
      return {
        depth: isMeta ? 0 : inner.depth + 1,
        aliases: inner.aliases + (node.alias === undefined ? 0 : 1),
        directives: inner.directives + directives,
        rootFields: 1,
        touchesData: !isMeta
      }
    }
    const inner = node.kind === Kind.INLINE_FRAGMENT ? ofSet(node.selectionSet) : ofFragment(node.name.value)
    return { ...inner, directives: inner.directives + directives }
  }

  const ofSet = (set: SelectionSetNode): OperationSize => set.selections.map(ofSelection).reduce(add, nothing)

  return ({ directives = [], selectionSet }) => add({ ...nothing, directives: directives.length }, ofSet(selectionSet))
}

const add = (one: OperationSize, other: OperationSize): OperationSize => ({
  depth: Math.max(one.depth, other.depth),
  aliases: one.aliases + other.aliases,
  directives: one.directives + other.directives,
  rootFields: one.rootFields + other.rootFields,
  touchesData: one.touchesData || other.touchesData
})

/**
 * Key inflection (contract §8): the field names in an answer in another casing. The operation is executed as if its author had
 * written the wanted names as aliases, so that `data`, `errors[].path` and the paths of idempotency agree by themselves, and
 * what is inside a value is never seen. Without the header nothing happens at all.
 */
import { inflect, parseInflection } from "@holdfast/core"
import type { KeyInflection } from "@holdfast/core"
import { Result } from "effect"
import { Kind, OverlappingFieldsCanBeMergedRule, validate, visit } from "graphql"
import type { DocumentNode, FieldNode, GraphQLSchema } from "graphql"
import { refusal, refusalOf } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/** Renames the unaliased fields of answers to requests with a `Key-Inflection` header. */
export const useInflection = (): Plugin => {
  const inflected = new WeakMap<DocumentNode, Map<KeyInflection, DocumentNode | "collision">>()

  const inflectOnce = (schema: GraphQLSchema, document: DocumentNode, inflection: KeyInflection) => {
    const known = inflected.get(document) ?? new Map<KeyInflection, DocumentNode | "collision">()
    inflected.set(document, known)
    const result =
      known.get(inflection) ?? (collides(schema, document, inflection) ? "collision" : rename(document, inflection))
    known.set(inflection, result)
    return result
  }

  return {
    onExecute({ args, context }) {
      const header = context.request.headers.get("key-inflection")
      if (header === null) return
      const inflection = parseInflection(header)
      if (Result.isFailure(inflection)) throw refusalOf(inflection.failure)
      const document = inflectOnce(args.schema, args.document, inflection.success)
      if (document === "collision") {
        const message = "With this Key-Inflection two fields of the answer would have the same name; give one an alias"
        throw refusal("INVALID_INFLECTION", message, { status: 400 })
      }
      args.document = document
    }
  }
}

const rename = (document: DocumentNode, inflection: KeyInflection): DocumentNode =>
  mapFields(document, (field) => withAlias(field, keyOf(field, inflection)))

/**
 * Whether two fields that had names of their own would get the same one. That is GraphQL's rule for overlapping fields, once
 * the former name is part of what makes a field: here as one more argument.
 */
const collides = (schema: GraphQLSchema, document: DocumentNode, inflection: KeyInflection): boolean => {
  const marked = mapFields(document, (field) => ({
    ...withAlias(field, keyOf(field, inflection)),
    arguments: [
      ...(field.arguments ?? []),
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: "formerly" },
        value: { kind: Kind.STRING, value: field.alias?.value ?? field.name.value }
      }
    ]
  }))
  return validate(schema, marked, [OverlappingFieldsCanBeMergedRule], { maxErrors: 1 }).length > 0
}

const keyOf = (field: FieldNode, inflection: KeyInflection): string =>
  field.alias?.value ?? inflect(field.name.value, inflection)

const withAlias = (field: FieldNode, key: string): FieldNode =>
  key === field.name.value ? field : { ...field, alias: { kind: Kind.NAME, value: key } }

/** The document with every field replaced, but for `__typename` and all that belongs to introspection. */
const mapFields = (document: DocumentNode, replace: (field: FieldNode) => FieldNode): DocumentNode =>
  visit(document, {
    FragmentDefinition: (fragment) => (fragment.typeCondition.name.value.startsWith("__") ? false : undefined),
    Field: { enter: (field) => (field.name.value.startsWith("__") ? false : replace(field)) }
  })

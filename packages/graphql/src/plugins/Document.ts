/**
 * The document: parsed, measured, and the operation in it found, before anything else looks at it. What is too large is
 * refused with the limit and the number in the message; everything here depends on the text alone and is done once for it.
 */
import { getOperationAST, GraphQLError, Kind, parse } from "graphql"
import type { DocumentNode, OperationDefinitionNode } from "graphql"
import { DocumentCache } from "./DocumentCache.ts"
import { measure } from "./DocumentSize.ts"
import type { OperationSize } from "./DocumentSize.ts"
import { cutNames } from "./InputErrors.ts"
import { refusal, requestError } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/** The most that a document may ask for; each operation in it by itself. */
export interface DocumentLimits {
  readonly maxTokens: number
  /** Levels of fields, introspection not counted. */
  readonly maxDepth: number
  readonly maxAliases: number
  readonly maxRootFields: number
  readonly maxDirectives: number
}

/** Characters of documents that are kept parsed: of the usual size about a thousand in use, and as many that were. */
const cachedCharacters = 1_000_000

/** A document and the sizes of its operations. */
interface Measured {
  readonly document: DocumentNode
  readonly operations: ReadonlyMap<OperationDefinitionNode, OperationSize>
}

/** Parses the document within the limits, and finds the operation to execute. */
export const useDocument = (limits: DocumentLimits): Plugin => {
  const cache = new DocumentCache<Measured>(cachedCharacters)

  const read = (text: string): Measured => {
    const known = cache.get(text)
    if (known !== undefined) return known
    const document = parseWithin(limits.maxTokens, text)
    const measured = { document, operations: sizes(document) }
    for (const size of measured.operations.values()) enforce(limits, size)
    cache.set(text, measured)
    return measured
  }

  return {
    onParams({ context, params, request }) {
      const { document, operations } = read(params.query ?? "")
      const definition = getOperationAST(document, params.operationName)
      if (!definition) {
        const message = "operationName must name the operation to execute, one of those in the document"
        throw refusal("GRAPHQL_VALIDATION_FAILED", message, requestError)
      }
      if (request.method === "GET" && definition.operation === "mutation") {
        throw refusal("MALFORMED_REQUEST", "A mutation is sent by POST", { status: 405, headers: { allow: "POST" } })
      }
      const touchesData = operations.get(definition)?.touchesData ?? true
      context.operation = { document, definition, touchesData }
    },
    onParse({ context, setParsedDocument }) {
      setParsedDocument(context.operation.document)
    }
  }
}

const parseWithin = (maxTokens: number, text: string): DocumentNode => {
  try {
    return parse(text, { maxLexicalTokens: maxTokens, maxComments: maxTokens })
  } catch (error) {
    // The parser descends with every bracket and has no limit of its own.
    if (error instanceof RangeError) {
      throw refusal("QUERY_TOO_COMPLEX", "The document is nested too deeply", { status: 400 })
    }
    if (!(error instanceof GraphQLError)) throw error
    if (error.message.startsWith("Syntax Error: Document contains more")) {
      throw refusal("GRAPHQL_PARSE_FAILED", `The document has more than ${maxTokens} tokens, or as many comments`, {
        status: 400
      })
    }
    throw new GraphQLError(withoutValues(error.message), {
      source: error.source ?? null,
      positions: error.positions ?? null,
      extensions: { code: "GRAPHQL_PARSE_FAILED", http: requestError }
    })
  }
}

/** The parser quotes what it found. Names and punctuation may stay; the content of strings and numbers may be anybody's data. */
const withoutValues = (message: string): string => {
  const quiet = message.replace(/\b(String|BlockString|Int|Float) "[^]*"/, "$1")
  const isQuiet =
    /^[^"]*("([\w$!&().:=@[\]{|}?]+)"[^"]*)*$/.test(quiet) && /^Syntax Error: (Expected|Unexpected) /.test(quiet)
  return isQuiet ? cutNames(quiet) : "Syntax Error: The document is not GraphQL"
}

const sizes = (document: DocumentNode): ReadonlyMap<OperationDefinitionNode, OperationSize> => {
  const sizeOf = measure(document)
  return new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
      .map((definition) => [definition, sizeOf(definition)])
  )
}

const enforce = (limits: DocumentLimits, size: OperationSize): void => {
  const rules = [
    [size.depth, limits.maxDepth, "levels of fields"],
    [size.aliases, limits.maxAliases, "aliases"],
    [size.rootFields, limits.maxRootFields, "fields at the root"],
    [size.directives, limits.maxDirectives, "directives"]
  ] as const
  for (const [count, limit, what] of rules) {
    if (count > limit) {
      throw refusal("QUERY_TOO_COMPLEX", `The operation has ${count} ${what}; ${limit} are allowed`, { status: 400 })
    }
  }
}

/**
 * How the plugins say no: before anything has run, with a status and a code, and without `data` (graphql.md, "Who answers
 * what"). What a resolver refuses never comes through here.
 */
import type { BadRequest, RateLimited, Unauthorized, Unavailable } from "@holdfast/core"
import { GraphQLError } from "graphql"
import type { ASTNode } from "graphql"
import { errorTable, toGraphQLError } from "../ErrorMapping.ts"
import type { ErrorCode } from "../generated/resolvers.ts"

/** A name of the `ErrorCode` enum, as in `errors[].extensions.code`. */
type Code = Uppercase<ErrorCode>

/** How a refusal looks to HTTP. */
interface Http {
  readonly status: number
  readonly headers?: Record<string, string>
  /** Only for clients that accept `application/graphql-response+json`; to others the answer is a 200. */
  readonly spec?: boolean
}

/** The status of what GraphQL itself refuses: parsing, validation and variables. */
export const requestError: Http = { status: 400, spec: true }

/** An error that ends the request. `message` must not repeat what was sent. */
export const refusal = (code: Code, message: string, http: Http, nodes?: ReadonlyArray<ASTNode>): GraphQLError =>
  new GraphQLError(message, { nodes: nodes ?? null, extensions: { code, http } })

/** One of the library's errors as the end of the request, with the status of the contract's table. */
export const refusalOf = (error: BadRequest | Unauthorized | RateLimited | Unavailable): GraphQLError => {
  const { extensions, message } = toGraphQLError(error)
  const http = { status: errorTable[error._tag].status, headers: headersOf(error) }
  return new GraphQLError(message, { extensions: { ...extensions, http } })
}

const headersOf = (error: BadRequest | Unauthorized | RateLimited | Unavailable): Record<string, string> => {
  switch (error._tag) {
    case "Unauthorized":
      return { "www-authenticate": 'ApiKey realm="holdfast"' }
    case "RateLimited":
    case "Unavailable":
      return { "retry-after": String(error.retryAfter) }
    case "BadRequest":
      return {}
  }
}

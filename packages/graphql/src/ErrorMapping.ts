/**
 * How the library's errors look in GraphQL: one row for each error of core's catalogue, and nothing else to look up.
 *
 * An error that the caller of a mutation can act on is a member of that mutation's union; every other one, and every one in a
 * query, is an entry of `errors` with `extensions.code`. Neither ever sets an HTTP status from inside a resolver: `status` is
 * for whoever refuses a request before anything executes (graphql.md, "Who answers what").
 */
import type { HoldfastError } from "@holdfast/core"
import { Effect } from "effect"
import { GraphQLError } from "graphql"
import { enumName } from "./Enums.ts"
import type { ErrorCode, ResolversParentTypes } from "./generated/resolvers.ts"

type Tag = HoldfastError["_tag"]
type Tagged<T extends Tag> = Extract<HoldfastError, { readonly _tag: T }>

/** The members of unions that are errors. */
type UserError = Exclude<ResolversParentTypes["UpdateSessionResult"], { readonly __typename: "UpdateSessionSuccess" }>

interface Row<E> {
  /** The HTTP status of the contract's table, §5. */
  readonly status: number
  /** The member of a mutation's union, where there is one. */
  readonly member?: (error: E) => UserError
  /** What `extensions` hold beside `code`. */
  readonly extensions?: (error: E) => object
}

/** Every error of the library, and how GraphQL shows it. */
export const errorTable = {
  BadRequest: { status: 400 },
  Unauthorized: { status: 401 },
  Forbidden: {
    status: 403,
    member: ({ code, message, requiredScope }) => ({ __typename: "ForbiddenError", code, message, requiredScope }),
    extensions: ({ requiredScope }) => ({ requiredScope })
  },
  NotFound: {
    status: 404,
    member: ({ code, message }) => ({ __typename: "NotFoundError", code, message })
  },
  Conflict: {
    status: 409,
    member: ({ code, currentRevision, message, operation, status }) => ({
      __typename: "ConflictError",
      code,
      message,
      currentRevision,
      status,
      operation
    }),
    extensions: ({ currentRevision, operation, status }) => ({
      currentRevision,
      status: status && enumName(status),
      operation
    })
  },
  Unprocessable: {
    status: 422,
    member: ({ code, issues, message }) => ({ __typename: "UnprocessableError", code, message, issues }),
    extensions: ({ issues }) => ({ issues: issues.map((issue) => ({ ...issue, code: enumName(issue.code) })) })
  },
  RateLimited: {
    status: 429,
    extensions: ({ retryAfter }) => ({ retryAfter })
  },
  Unavailable: {
    status: 503,
    extensions: ({ retryAfter }) => ({ retryAfter })
  }
} as const satisfies { readonly [T in Tag]: Row<Tagged<T>> }

/** The errors that are members of unions. */
type Actionable = { [T in Tag]: (typeof errorTable)[T] extends { readonly member: unknown } ? T : never }[Tag]

/** The union members that the errors `E` become. */
export type MemberOf<E extends HoldfastError> = ReturnType<
  (typeof errorTable)[Extract<E["_tag"], Actionable>]["member"]
>

// A row takes exactly the errors that it is found by, which the compiler cannot follow.
const rowOf = (error: HoldfastError) => errorTable[error._tag] as Row<HoldfastError>

/** The error as a member of a mutation's union; it stays a failure if no caller can act on it. */
export const toMember = <E extends HoldfastError>(
  error: E
): Effect.Effect<MemberOf<E>, Exclude<E, Tagged<Actionable>>> => {
  const { member } = rowOf(error)
  return member === undefined
    ? Effect.fail(error as Exclude<E, Tagged<Actionable>>)
    : Effect.succeed(member(error) as MemberOf<E>)
}

/**
 * The error as an entry of `errors`: its sentence, its code as an `ErrorCode`, and what else a program can use. `retryAfter` is
 * in seconds.
 *
 * @example
 * toGraphQLError(new Forbidden({ code: "insufficient_scope", requiredScope: "sessions:write" })).extensions
 * // { code: "INSUFFICIENT_SCOPE", requiredScope: "sessions:write" }
 */
export const toGraphQLError = (error: HoldfastError): GraphQLError => {
  const code: Uppercase<ErrorCode> = enumName(error.code)
  return new GraphQLError(error.message, { extensions: { code, ...rowOf(error).extensions?.(error) } })
}

/** The GraphQL schema of the hand-written servers, as far as the job goes, and its resolvers. */
import { Refused } from "./Session.ts"
import type { Session, Tenant, UpdateInput } from "./Session.ts"
import type { Sessions } from "./Sessions.ts"

/** The part of Holdfast's schema that the job needs. */
export const typeDefs = /* GraphQL */ `
  scalar JSONObject

  enum ErrorCode {
    NOT_FOUND
    VALIDATION_FAILED
    IDEMPOTENCY_MISMATCH
    CONFLICT
  }

  type Session {
    id: ID!
    status: String!
    externalRef: String
    metadata: JSONObject!
    revision: Int!
    createdAt: String!
    updatedAt: String!
  }

  input UpdateSessionInput {
    externalRef: String
    metadata: JSONObject
  }

  type UpdateSessionSuccess {
    session: Session!
    replayed: Boolean!
  }

  type NotFoundError {
    code: ErrorCode!
    message: String!
  }

  type UnprocessableError {
    code: ErrorCode!
    message: String!
  }

  type ConflictError {
    code: ErrorCode!
    message: String!
  }

  union UpdateSessionResult = UpdateSessionSuccess | NotFoundError | UnprocessableError | ConflictError

  type Query {
    ready: Boolean!
  }

  type Mutation {
    updateSession(id: ID!, input: UpdateSessionInput!): UpdateSessionResult
  }
`

/** Who asks, and under which key. */
export interface Context {
  readonly tenant: Tenant | null
  readonly key: string
  readonly requestId: string
}

/** What `updateSession` is asked. */
export interface UpdateArguments {
  readonly id: string
  readonly input: UpdateInput
}

/** What `updateSession` answers. */
export type UpdateResult =
  | { readonly __typename: "UpdateSessionSuccess"; readonly session: Session; readonly replayed: boolean }
  | { readonly __typename: "NotFoundError" | "UnprocessableError"; readonly code: string; readonly message: string }

/** The resolver of `updateSession`; `unauthorized` makes the library's own error for a key that is not good. */
export const updateSession =
  (sessions: Sessions, unauthorized: () => Error) =>
  async (_: unknown, { id, input }: UpdateArguments, { key, requestId, tenant }: Context): Promise<UpdateResult> => {
    if (tenant === null) throw unauthorized()
    try {
      return { __typename: "UpdateSessionSuccess", ...(await sessions.update({ tenant, id, input, key, requestId })) }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const __typename = error.code === "not_found" ? "NotFoundError" : "UnprocessableError"
      return { __typename, code: error.code.toUpperCase(), message: error.message }
    }
  }

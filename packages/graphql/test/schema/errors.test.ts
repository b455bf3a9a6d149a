/** Every error of the library, as GraphQL shows it. */
import { assert, describe, it } from "@effect/vitest"
import {
  BadRequest,
  Conflict,
  Forbidden,
  NotFound,
  RateLimited,
  Unauthorized,
  Unavailable,
  Unprocessable
} from "@holdfast/core"
import type { HoldfastError } from "@holdfast/core"
import { Effect, Exit } from "effect"
import { GraphQLError } from "graphql"
import { createGraphQLError } from "graphql-yoga"
import { errorTable, toGraphQLError, toMember } from "../../src/ErrorMapping.ts"

const issue = { path: ["metadata", "tier"], code: "too_large", message: "is larger than 16384 bytes of JSON" } as const

/** Each error, its HTTP status, its member of a union if it has one, and its extensions. */
const catalogue: ReadonlyArray<readonly [HoldfastError, number, object | null, object]> = [
  [
    new BadRequest({ code: "unsupported_version", message: "There is no such API version" }),
    400,
    null,
    { code: "UNSUPPORTED_VERSION" }
  ],
  [new Unauthorized(), 401, null, { code: "UNAUTHORIZED" }],
  [
    new Forbidden({ code: "insufficient_scope", requiredScope: "sessions:write" }),
    403,
    { __typename: "ForbiddenError", code: "insufficient_scope", requiredScope: "sessions:write" },
    { code: "INSUFFICIENT_SCOPE", requiredScope: "sessions:write" }
  ],
  [new NotFound({ entity: "session" }), 404, { __typename: "NotFoundError", code: "not_found" }, { code: "NOT_FOUND" }],
  [
    Conflict.invalidState("under_review", "resumeSession"),
    409,
    {
      __typename: "ConflictError",
      code: "invalid_state",
      currentRevision: null,
      status: "under_review",
      operation: "resumeSession"
    },
    { code: "INVALID_STATE", currentRevision: null, status: "UNDER_REVIEW", operation: "resumeSession" }
  ],
  [
    Conflict.revisionMismatch(7),
    409,
    { __typename: "ConflictError", code: "revision_mismatch", currentRevision: 7, status: null, operation: null },
    { code: "REVISION_MISMATCH", currentRevision: 7, status: null, operation: null }
  ],
  [
    Unprocessable.validationFailed([issue]),
    422,
    { __typename: "UnprocessableError", code: "validation_failed", issues: [issue] },
    { code: "VALIDATION_FAILED", issues: [{ ...issue, code: "TOO_LARGE" }] }
  ],
  [new RateLimited({ retryAfter: 30 }), 429, null, { code: "RATE_LIMITED", retryAfter: 30 }],
  [new Unavailable({ retryAfter: 1 }), 503, null, { code: "UNAVAILABLE", retryAfter: 1 }]
]

describe("an error of the library", () => {
  for (const [error, status, member, extensions] of catalogue) {
    const name = `${error._tag} (${error.code})`

    it(`${name} is an entry of errors with its sentence, its code and what a program can use`, () => {
      const shown = toGraphQLError(error)
      assert.strictEqual(shown.message, error.message)
      assert.deepStrictEqual(shown.extensions, extensions)
    })

    it(`${name} has the status ${status}, which no resolver sets`, () => {
      assert.strictEqual(errorTable[error._tag].status, status)
      assert.notProperty(toGraphQLError(error).extensions, "http")
    })

    it(`${name} ${member === null ? "stays a failure" : "is a member of unions"} in a mutation`, () => {
      const answered = Effect.runSyncExit(toMember(error))
      assert.deepStrictEqual<unknown>(
        answered,
        member === null ? Exit.fail(error) : Exit.succeed({ ...member, message: error.message })
      )
    })
  }

  it("is never missing from the table", () => {
    assert.sameMembers(Object.keys(errorTable), [...new Set(catalogue.map(([error]) => error._tag))])
  })
})

describe("graphql", () => {
  it("is there once, so that errors are recognised", () => {
    assert.instanceOf(createGraphQLError("x"), GraphQLError)
    assert.instanceOf(toGraphQLError(new NotFound({ entity: "session" })), GraphQLError)
  })
})

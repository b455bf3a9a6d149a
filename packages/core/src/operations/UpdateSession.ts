/**
 * Update: the heart of the product (contract §4). Two things can change, the external reference and the metadata; metadata
 * is merged by top-level key.
 */
import { Result, Schema } from "effect"
import type { DateTime } from "effect"
import { mapViolations, merge, MetadataPatch } from "../domain/Metadata.ts"
import { ExternalRef } from "../domain/Session.ts"
import type { Session } from "../domain/Session.ts"
import { decodeAll } from "../domain/Violation.ts"
import { Unprocessable } from "../Errors.ts"
import { changed, noExtra } from "./Operation.ts"
import type { Decision, Operation } from "./Operation.ts"

/** Largest revision that GraphQL's `Int` can carry. */
const maxRevision = 2_147_483_647
const revisionTakes = `must be an integer from 1 to ${maxRevision}`

/** The revision that a caller expects a session to have: 1 to 2,147,483,647; `null` expects nothing. */
const ExpectedRevision = Schema.NullOr(
  Schema.Int.check(
    Schema.isBetween({ minimum: 1, maximum: maxRevision }, { code: "unknown_value", message: revisionTakes })
  )
).annotate({ message: revisionTakes })

/**
 * What may be changed. Absent leaves a field; `externalRef: null` clears it; a `null` inside `metadata` removes that key.
 * With `expectedRevision` the update is refused when the session has another revision.
 */
export const UpdateSessionInput = Schema.Struct({
  externalRef: Schema.optional(Schema.NullOr(ExternalRef).annotate({ message: "must be a string or null" })),
  metadata: Schema.optional(MetadataPatch),
  expectedRevision: Schema.optional(ExpectedRevision)
})
/** What may be changed. */
export interface UpdateSessionInput extends Schema.Schema.Type<typeof UpdateSessionInput> {}

/** The session with the input merged into it, or every rule that the merged result breaks. */
export const decide = (
  session: Session,
  input: UpdateSessionInput,
  now: DateTime.Utc
): Result.Result<Decision, Unprocessable> => {
  const metadata = input.metadata === undefined ? session.metadata : merge(session.metadata, input.metadata)
  const externalRef = input.externalRef === undefined ? session.externalRef : input.externalRef
  if (metadata !== session.metadata) {
    const issues = mapViolations(metadata)
    if (issues.length > 0) return Result.fail(Unprocessable.validationFailed(issues))
  }
  return Result.succeed(
    changed(
      session,
      now,
      "session.updated",
      {
        ...(externalRef === session.externalRef ? undefined : { externalRef }),
        ...(metadata === session.metadata ? undefined : { metadata })
      },
      {}
    )
  )
}

const decode = decodeAll(UpdateSessionInput, "cannot be changed: only the external reference and the metadata can")

/** The operation behind `updateSession` and `PATCH /sessions/{id}`. */
export const updateSession: Operation<UpdateSessionInput> = {
  name: "updateSession",
  scope: "sessions:write",
  // To expect nothing is the same request whether it is said with null or by leaving it out.
  decode: (input) =>
    Result.map(decode(input), ({ expectedRevision, ...change }) =>
      expectedRevision == null ? change : { ...change, expectedRevision }
    ),
  expectedRevision: (input) => input.expectedRevision ?? null,
  extra: noExtra,
  decide
}

/**
 * Update: the heart of the product (contract §4). Two things can change, the external reference and the metadata; metadata
 * is merged by top-level key.
 */
import { Result, Schema } from "effect"
import type { DateTime } from "effect"
import { isMetadataPatch, mapViolations, merge, MetadataPatch } from "../domain/Metadata.ts"
import { ExternalRef, isText, maxExternalRef } from "../domain/Session.ts"
import type { Session } from "../domain/Session.ts"
import { decodeAll } from "../domain/Violation.ts"
import { Unprocessable } from "../Errors.ts"
import { changed, ExpectedRevision, isExpectedRevision, noExtra, withoutNull } from "./Operation.ts"
import type { Decision, Operation } from "./Operation.ts"

/**
 * What may be changed. Absent leaves a field; `externalRef: null` clears it; a `null` inside `metadata` removes that key.
 * With `expectedRevision` the update is refused when the session has another revision.
 */
export const UpdateSessionInput = Schema.Struct({
  externalRef: Schema.optional(Schema.NullOr(ExternalRef).annotate({ message: "must be a string or null" })),
  metadata: Schema.optional(MetadataPatch),
  expectedRevision: ExpectedRevision
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

/** What the schema says, for the many updates that break no rule. That both take the same is tested. */
const isGood = (input: Record<string, unknown>): input is Record<string, unknown> & UpdateSessionInput =>
  (input["externalRef"] == null || isText(input["externalRef"], maxExternalRef)) &&
  (input["metadata"] === undefined || isMetadataPatch(input["metadata"])) &&
  isExpectedRevision(input["expectedRevision"])

const decode = decodeAll(
  UpdateSessionInput,
  "cannot be changed: only the external reference and the metadata can",
  isGood
)

/** The operation behind `updateSession` and `PATCH /sessions/{id}`. */
export const updateSession: Operation<UpdateSessionInput> = {
  name: "updateSession",
  scope: "sessions:write",
  decode: (input) => Result.map(decode(input), withoutNull),
  extra: noExtra,
  decide
}

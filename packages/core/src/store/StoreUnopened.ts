/** What the layer of a store fails with. */
import { Predicate, Schema } from "effect"

/** The database could not be opened, or not be brought up to date. Says which, and what it or the system said; never a password. */
export class StoreUnopened extends Schema.TaggedError<StoreUnopened>()("StoreUnopened", {
  /** The file, or host and port of the server. */
  database: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `The database ${this.database} could not be opened: ${innermost(this.cause)}`
  }
}

/** What the error at the bottom says: the ones above say only that something failed. */
const innermost = (error: unknown): string => {
  if (!Predicate.hasProperty(error, "message")) return "for an unknown reason"
  const below = Predicate.hasProperty(error, "reason")
    ? error.reason
    : Predicate.hasProperty(error, "cause")
      ? error.cause
      : undefined
  return below === undefined ? String(error.message) : innermost(below)
}

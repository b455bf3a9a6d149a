/** How a command fails: lines for stderr, none of which repeats what was refused. */
import { Unprocessable } from "@holdfast/core"
import { Cause, Predicate, Schema } from "effect"
import type { CliError } from "effect/cli"

/** A command could not do its work, for a reason that needs no stack. */
export class Failure extends Schema.TaggedError<Failure>()("Failure", { message: Schema.String }) {}

/** What is wrong with how a command was called. Effect's own sentence would repeat the value. */
export const describeUsage = (error: CliError.NonShowHelpErrors): string => {
  if (error._tag !== "InvalidValue") return error.message
  const name = error.kind === "flag" ? `--${error.option}` : `<${error.option}>`
  return `${name}: ${error.expected}`
}

/** The lines that tell why a command failed. Only a bug comes with a stack. */
export const describe = (cause: Cause.Cause<unknown>): ReadonlyArray<string> => {
  const error = Cause.squash(cause)
  if (Cause.hasDies(cause) || !Predicate.hasProperty(error, "message")) return [Cause.pretty(cause)]
  if (!(error instanceof Unprocessable)) return String(error.message).split("\n")
  return error.issues.map(({ message, path }) => `${path.join(".")}: ${message}`)
}

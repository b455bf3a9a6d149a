/** Pages of a list: what `first`, `after`, `last` and `before` mean together, and what is wrong with them. */
import { Result } from "effect"
import type { SessionId } from "../domain/Ids.ts"
import { isStorable } from "../domain/Text.ts"
import { violation } from "../domain/Violation.ts"
import type { FieldIssue } from "../domain/Issue.ts"

/** Page size when none is asked for. */
export const defaultSize = 50
/** Largest page. */
export const maxSize = 100

interface Asked {
  readonly externalRef?: string | null | undefined
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

interface Page {
  readonly direction: "older" | "newer"
  readonly from: SessionId | null
  readonly limit: number
}

/** The page that is asked for, or everything that is wrong with the request. */
export const parsePage = (
  asked: Asked,
  decode: (cursor: string) => SessionId | undefined
): Result.Result<Page, ReadonlyArray<FieldIssue>> => {
  const issues: Array<FieldIssue> = []
  const size = (name: "first" | "last") => {
    const given = asked[name]
    if (given == null || (Number.isInteger(given) && given >= 1 && given <= maxSize)) return given ?? null
    issues.push(violation([name], "unknown_value", `must be an integer from 1 to ${maxSize}`))
    return null
  }
  const cursor = (name: "after" | "before") => {
    const given = asked[name]
    if (given == null) return null
    const id = decode(given)
    if (id === undefined) issues.push(violation([name], "unknown_value", "is not a cursor of this list"))
    return id ?? null
  }
  // A database would look for something else than was asked for.
  if (asked.externalRef != null && !isStorable(asked.externalRef))
    issues.push(violation(["externalRef"], "invalid_text"))
  const [first, last, after, before] = [size("first"), size("last"), cursor("after"), cursor("before")]
  const backwards = asked.last != null || asked.before != null
  if (backwards && (asked.first != null || asked.after != null)) {
    issues.push(
      violation([asked.last == null ? "before" : "last"], "unknown_value", "cannot be combined with first or after")
    )
  }
  return issues.length > 0
    ? Result.fail(issues)
    : Result.succeed({
        direction: backwards ? "newer" : "older",
        from: backwards ? before : after,
        limit: (backwards ? last : first) ?? defaultSize
      })
}

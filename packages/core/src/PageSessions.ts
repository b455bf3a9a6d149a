/**
 * Lists by number: "fifty sessions, after the first hundred, and how many are there in all". It is how the public API pages;
 * where sessions are added meanwhile, a page shifts. `Sessions.list` has cursors, which do not.
 */
import { DateTime, Result, Schema } from "effect"
import { text } from "./domain/Session.ts"
import { SessionStatus } from "./domain/SessionStatus.ts"
import { decodeAll } from "./domain/Violation.ts"
import type { FieldIssue, IssueCode } from "./domain/Issue.ts"
import { defaultSize, maxSize } from "./internal/Page.ts"
import type { PageRequest } from "./store/SessionStore.ts"

const optional = <S extends Schema.Top>(schema: S, message: string, code: IssueCode = "unknown_value") =>
  Schema.optional(Schema.NullOr(schema).annotate({ message, code }))

const label = optional(text(255), "must be a string", "wrong_type")

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i

/** Whether the day exists: `Date.parse` makes 2 March of 30 February. */
const isCalendarDay = (given: string) =>
  !Number.isNaN(Date.parse(given)) &&
  new Date(`${given.slice(0, 10)}T00:00:00Z`).toISOString().startsWith(given.slice(0, 10))

const time = optional(
  Schema.String.check(Schema.makeFilter((given) => rfc3339.test(given) && isCalendarDay(given))),
  "must be a time in RFC 3339, such as 2026-11-22T09:30:00Z"
)

const count = (minimum: number, maximum: number) =>
  optional(Schema.Int.check(Schema.isBetween({ minimum, maximum })), `must be an integer from ${minimum} to ${maximum}`)

/** Which sessions, and which of their pages. Whatever is absent or `null` lets everything through. */
export const PageSessions = Schema.Struct({
  /** Only sessions that have this status now. */
  status: optional(SessionStatus, "must be a status of a session"),
  /** Only sessions with exactly this external reference. */
  externalRef: label,
  /** Only the session with this id, and sessions with exactly this external reference. */
  q: label,
  /** Only sessions with this tag. */
  tag: label,
  /** Only sessions created later than this time, in RFC 3339. */
  createdAfter: time,
  /** Only sessions created earlier than this time, in RFC 3339. */
  createdBefore: time,
  /** Size of the page: 1 to 100, by default 50. */
  limit: count(1, maxSize),
  /** Sessions to pass over, by default none. */
  offset: count(0, 2_147_483_647)
})
/** Which sessions, and which of their pages. */
export interface PageSessions extends Schema.Schema.Type<typeof PageSessions> {}

const decode = decodeAll(PageSessions, "is not a parameter of this list")

/** What to ask the store for, or everything that is wrong with the request. */
export const parsePageRequest = (
  request: unknown
): Result.Result<Omit<PageRequest, "tenant" | "now">, ReadonlyArray<FieldIssue>> =>
  Result.map(decode(request), (asked) => ({
    status: asked.status ?? null,
    externalRef: asked.externalRef ?? null,
    idOrExternalRef: asked.q ?? null,
    tag: asked.tag ?? null,
    createdAfter: asked.createdAfter == null ? null : DateTime.makeUnsafe(asked.createdAfter),
    createdBefore: asked.createdBefore == null ? null : DateTime.makeUnsafe(asked.createdBefore),
    limit: asked.limit ?? defaultSize,
    offset: asked.offset ?? 0
  }))

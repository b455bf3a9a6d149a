/**
 * A whole session as JSON text: what stands in its row and in outcomes.
 *
 * Every request reads one session and writes one. Walking the schema for that takes ten times as long as parsing the text, so
 * what the schema says of the fields is said here once more, a test for each. That both take and refuse the same is itself
 * tested (`packages/core/test/domain/SessionText.test.ts`).
 */
import { DateTime, Option, Schema } from "effect"
import { isJsonObject, isPlainObject } from "./Json.ts"
import { EnvironmentId, SessionId } from "./Ids.ts"
import { CaseStatus, DocumentType, RetentionStatus } from "./Session.ts"
import type { Session, SessionField } from "./Session.ts"
import { SessionStatus } from "./SessionStatus.ts"
import { isoText } from "./TimeText.ts"

type Test = (value: unknown) => boolean

const isString: Test = (value) => typeof value === "string"
const isBoolean: Test = (value) => typeof value === "boolean"
const isInteger: Test = (value) => Number.isSafeInteger(value)
const isTexts: Test = (value) => Array.isArray(value) && value.every(isString)
const isCapture: Test = (value) =>
  isPlainObject(value) && isInteger(value["generation"]) && isString(value["keyVersion"])
const orNull =
  (test: Test): Test =>
  (value) =>
    value === null || test(value)
const oneOf = (literals: ReadonlyArray<string>): Test => {
  const all = new Set<unknown>(literals)
  return (value) => all.has(value)
}

/** What every field but the times holds, in the text and in memory alike. */
const tests = Object.entries({
  id: Schema.is(SessionId),
  status: oneOf(SessionStatus.literals),
  isSandbox: isBoolean,
  environment: Schema.is(EnvironmentId),
  externalRef: orNull(isString),
  // What `JSON.parse` made holds nothing but JSON; `jsonOfSession` looks at what is in it.
  metadata: isPlainObject,
  country: orNull(isString),
  checks: orNull(isTexts),
  workflowId: orNull(isString),
  redirectUrl: orNull(isString),
  documentType: orNull(oneOf(DocumentType.literals)),
  retentionStatus: oneOf(RetentionStatus.literals),
  processingAttempts: orNull(isInteger),
  consentIp: orNull(isString),
  capture: isCapture,
  caseId: orNull(isString),
  caseStatus: orNull(oneOf(CaseStatus.literals)),
  tags: isTexts,
  revision: isInteger
} satisfies { readonly [Field in Exclude<SessionField, "createdAt" | "updatedAt" | "tokenExpiresAt">]: Test })

const holds = (session: Record<string, unknown>): boolean => tests.every(([field, test]) => test(session[field]))

// Neither says what the session was, because that would be personal.
const unreadable = () => new Error("The stored session cannot be read")
const unwritable = () => new Error("The stored session cannot be written")

const timeOf = (value: unknown): DateTime.Utc => {
  const time = typeof value === "string" ? DateTime.make(value) : Option.none()
  if (Option.isNone(time)) throw unreadable()
  return DateTime.toUtc(time.value)
}

/**
 * The session in a value that `JSON.parse` made; the value becomes the session, with the fields of a newer release that it may
 * have. Throws on what is none.
 */
export const sessionOfJson = (value: unknown): Session => {
  if (!isPlainObject(value) || !holds(value)) throw unreadable()
  value["createdAt"] = timeOf(value["createdAt"])
  value["updatedAt"] = timeOf(value["updatedAt"])
  if (value["tokenExpiresAt"] !== null) value["tokenExpiresAt"] = timeOf(value["tokenExpiresAt"])
  // The compiler does not follow a table: `tests` has every field but the times, and those were read here.
  return value as unknown as Session
}

/** What `JSON.parse` makes of a stored text. Throws without repeating any of it. */
export const parseStored = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable()
  }
}

const timeText = (time: unknown): string => {
  if (!DateTime.isDateTime(time)) throw unwritable()
  return isoText(time)
}

/**
 * What of the session is written. Throws if anything would be left out, or written as something else. Its times are text, because
 * `JSON.stringify` takes three times as long if it has to ask each of them.
 */
const jsonOfSession = (session: Session): Record<string, unknown> => {
  const json: Record<string, unknown> = { ...session }
  if (!holds(json) || !isJsonObject(session.metadata)) throw unwritable()
  json["createdAt"] = timeText(session.createdAt)
  json["updatedAt"] = timeText(session.updatedAt)
  if (session.tokenExpiresAt !== null) json["tokenExpiresAt"] = timeText(session.tokenExpiresAt)
  return json
}

/** A session is written twice, into the outcome of the change and then into its row. Sessions are never changed in place. */
let last: { readonly session: Session; readonly text: string } | undefined

/** A whole session as JSON text. Both directions throw on what is no session. */
export const sessionText = {
  read: (text: string): Session => sessionOfJson(parseStored(text)),
  write: (session: Session): string => {
    if (last?.session !== session) last = { session, text: JSON.stringify(jsonOfSession(session)) }
    return last.text
  }
}

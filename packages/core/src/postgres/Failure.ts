/** What PostgreSQL's errors mean for the one who asked. Told by their codes alone: the rest of an error may quote data. */
import { Predicate } from "effect"
import { SqlError } from "effect/sql"

/** What the server said: its code (SQLSTATE), and whether it ended the statement or the connection. */
const said = (error: SqlError.SqlError): { readonly code: string; readonly fatal: boolean } | null => {
  const { cause } = error.reason
  if (!Predicate.hasProperty(cause, "code") || !Predicate.hasProperty(cause, "severity")) return null
  const severity = Predicate.hasProperty(cause, "severityUnlocalized") ? cause.severityUnlocalized : cause.severity
  return { code: String(cause.code), fatal: severity !== "ERROR" }
}

/**
 * Whether the server itself said that the statement was undone. Anything else (a lost connection, a server that is going down)
 * may have come after the commit.
 */
export const isUndone = (error: SqlError.SqlError): boolean => {
  const answer = said(error)
  // 40003 is how CockroachDB says that it does not know.
  return answer !== null && !answer.fatal && answer.code !== "40003" && !answer.code.startsWith("08")
}

/** Somebody else was in the way: 40001, 40P01 and 55P03. */
const contention = new Set(["40001", "40P01", "55P03"])

/** The server is going down (57P01, 57P02), is not up yet (57P03), has no connection to spare (53300), or is a standby now (25006). */
const absence = new Set(["57P01", "57P02", "57P03", "53300", "25006"])

/** Whether the same may go well in a moment. */
export const isPassing = (error: SqlError.SqlError): boolean => {
  const answer = said(error)
  return answer === null
    ? error.reason._tag === "ConnectionError"
    : contention.has(answer.code) || absence.has(answer.code) || answer.code.startsWith("08")
}

/** Whether a row of that key was there already. It may have been made at the same moment, so that another look would find it. */
export const isCollision = (error: SqlError.SqlError): boolean => said(error)?.code === "23505"

/** Whether the server cannot write: after a failover, connections may still lead to the one that was the primary. */
export const isStandby = (error: SqlError.SqlError): boolean => said(error)?.code === "25006"

/** Whether it is about what was to be written, or about what is there (XX), so that without this member the others may go through. */
export const isAboutData = (error: unknown): boolean => {
  if (!SqlError.isSqlError(error)) return false
  const answer = said(error)
  return answer === null ? error.reason._tag !== "ConnectionError" : /^(?:22|23|54|XX)/.test(answer.code)
}

/** Whether somebody else held a row or a key for longer than is waited for a lock (55P03). */
export const isHeld = (error: unknown): boolean => SqlError.isSqlError(error) && said(error)?.code === "55P03"

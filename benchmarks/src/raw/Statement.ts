/** One update of Holdfast's tables as one PostgreSQL statement: the session guarded, and event, audit entry and record with it. */
import type { Row } from "../seed/Tables.ts"
import { partsOf } from "./Sample.ts"
import type { Sample } from "./Sample.ts"

/** The statement, over a query that has one row: the `number` of the update as text, and the id of its `session`. */
export const updateStatement = (asked: string, sample: Sample): string => {
  const { history, idempotency_records, sessions } = sample.rows
  const set = Object.keys(sessions).filter((column) => !key.includes(column) && column !== "revision")
  const cell = (row: Row, column: string) => expression(row[column] ?? null, sample)
  const insert = (table: string, row: Row) => {
    const columns = Object.keys(row)
    const values = columns.map((column) => (column === "revision" ? "revision" : cell(row, column)))
    return `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${values.join(", ")} FROM updated, asked`
  }
  return `WITH asked AS (${asked}), updated AS (
      UPDATE sessions SET revision = revision + 1, ${set.map((column) => `${column} = ${cell(sessions, column)}`).join(", ")}
      FROM asked WHERE ${key.map((column) => `${column} = ${cell(sessions, column)}`).join(" AND ")} RETURNING revision
    ), happened AS (${insert("history", history)})
    ${insert("idempotency_records", idempotency_records)}`.replaceAll(/\s+/g, " ")
}

const key = ["organization", "environment", "id"]

/** A value in SQL. Colons are escaped, because `pgbench` would take what follows one for a variable. */
const expression = (value: Row[string] | null, sample: Sample): string => {
  if (value === null) return "NULL"
  if (typeof value !== "string") return String(value)
  const parts = partsOf(value, sample).map((part) => {
    if ("slot" in part) return `asked.${part.slot}`
    return `E'${part.text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll(":", "\\x3a").replaceAll(" ", "\\x20")}'`
  })
  return parts.length === 0 ? "''" : parts.join(" || ")
}

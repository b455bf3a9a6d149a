/**
 * The statement that looks for many at once: one text for any number of looks, one round trip.
 *
 * - The looks travel as one JSON text, and not as an array for each column: of such a text the planner expects the same whatever
 *   is in it, so that it keeps the plan that it has made. Of arrays it counts the elements, and plans anew for every few.
 * - Each look goes by the primary keys, whatever the planner believes about the tables: `OFFSET 0` keeps it from joining them whole.
 * - Where a record answers, the session is not read.
 */
import type { Values } from "../sql/Numbered.ts"
import { loadValues } from "../sql/Rows.ts"
import { recordColumns } from "../sql/Statements.ts"
import type { LoadRequest } from "../store/SessionStore.ts"

/** As {@link loadValues} names them. */
const columns = ["organization", "environment", "session", "key", "event", "now"] satisfies ReadonlyArray<
  keyof ReturnType<typeof loadValues>
>

const owns = (alias: string) => `${alias}.organization = w.organization AND ${alias}.environment = w.environment`

/** The statement. Its parameters are {@link loadBatchValues}; it answers with a row for each look, in no order: `n` is whose it is. */
export const loadBatch = `
  SELECT w.n, s.data, ${recordColumns.map((column) => `r.${column}`).join(", ")}, h.revision AS event_revision
  FROM json_to_recordset(:wanted::json) AS w (n int, ${columns.map((column) => `${column} text`).join(", ")})
  LEFT JOIN LATERAL (
    SELECT * FROM idempotency_records AS r WHERE ${owns("r")} AND r.key = w.key AND r.expires_at > w.now OFFSET 0
  ) AS r ON TRUE
  LEFT JOIN LATERAL (
    SELECT s.data FROM sessions AS s WHERE ${owns("s")} AND s.id = w.session AND r.key IS NULL OFFSET 0
  ) AS s ON TRUE
  LEFT JOIN LATERAL (
    SELECT h.revision FROM history AS h WHERE ${owns("h")} AND h.id = w.event AND h.session = w.session OFFSET 0
  ) AS h ON TRUE`

/** The parameters for a batch. */
export const loadBatchValues = (batch: ReadonlyArray<LoadRequest>): Values => ({
  wanted: JSON.stringify(batch.map((request, n) => ({ n, ...loadValues(request) })))
})

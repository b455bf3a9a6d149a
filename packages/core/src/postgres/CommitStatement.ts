/**
 * The statement that commits a batch: one text for any number of members, one round trip, one sync to the disk.
 *
 * A member that is stale or a duplicate writes nothing, and the others are not touched by it. Each clause is there for a reason,
 * most of them learned from simpler statements that went wrong:
 *
 * - `locked` takes the rows of the sessions that are to be changed. `SKIP LOCKED`, because one session that somebody else holds would
 *   hold up all its neighbours; it counts as stale, and whoever asked looks again. The lateral join makes the planner look up
 *   each member by the primary key, whatever it believes about the tables.
 * - `absent` are the sessions to be made. One that is made elsewhere at this very moment is an error by the primary
 *   key (23505), which undoes the whole statement; tried again, it is there and the member is stale.
 * - `claimed` takes the keys, in their order: two batches that want the same keys in different orders would wait for each other. The sort
 *   is also the barrier: every session is taken before any key is waited for. `DO UPDATE`, since `DO NOTHING` would never
 *   take a key whose record has expired; the record is made at the member's own time, and so that is what `expires_at` is
 *   compared with.
 * - `won` is who has both. What it writes it writes in the same statement, and so all or nothing. `head` is the newest entry of the
 *   session's history, which the first one of the member comes behind. `moved` is the head of a session that is otherwise left alone,
 *   and `moved_until` when its new record expires.
 *
 * At READ COMMITTED it needs no second try but for the creation above. At the stricter levels the server may answer 40001 where
 * somebody else was faster, and the next try finds what they did.
 */
import { PgTypes } from "@effect/sql-pg"
import { Result } from "effect"
import type { Values } from "../sql/Numbered.ts"
import type { CommitRows } from "../sql/Rows.ts"
import { historyColumns, recordColumns, recordsUntil, sessionColumns } from "../sql/Statements.ts"
import type { CommitResult } from "../store/SessionStore.ts"

const integers = new Set(["n", "expected", "revision", "format"])

/** Rows as a table of the statement: an array for each column. `n` says whose they are. */
const table = (name: string, columns: ReadonlyArray<string>) => {
  const parameters = columns.map((column) => ({
    column,
    parameter: `${name}_${column}`,
    integer: integers.has(column)
  }))
  return {
    columns,
    /** To be given an alias. */
    sql: `unnest(${parameters.map(({ integer, parameter }) => `:${parameter}::${integer ? "int" : "text"}[]`).join(", ")})`,
    values: (rows: ReadonlyArray<Readonly<Record<string, unknown>>>): Values =>
      Object.fromEntries(
        parameters.map(({ column, integer, parameter }) => [
          parameter,
          // The type is named, because an array of nothing but NULLs does not show it.
          Result.getOrThrow(
            PgTypes.array(
              rows.map((row) => row[column]),
              integer ? PgTypes.OID.int4 : PgTypes.OID.text
            )
          )
        ])
      )
  }
}

const members = table("member", [
  "n",
  "organization",
  "environment",
  "session",
  "expected",
  "key",
  "moved",
  "moved_until"
])
const sessions = table("session", ["n", "id", ...sessionColumns])
const records = table("record", ["n", ...recordColumns])
const entries = table("entry", ["n", ...historyColumns])

/** What the first entry of a member gets from its session. */
const linked: Readonly<Record<string, string>> = {
  previous: "coalesce(r.previous, w.head)",
  earlier_until: "coalesce(r.earlier_until, w.records_until)"
}

/** Adds rows to a table for the members of `source`, whose tenant is that of their member. */
const insert = (into: string, rows: ReturnType<typeof table>, source: string) => {
  const own = rows.columns.filter((column) => column !== "n")
  const values = own.map((column) => linked[column] ?? `r.${column}`)
  return `INSERT INTO ${into} (organization, environment, ${own.join(", ")}) SELECT
      w.organization, w.environment, ${values.join(", ")}
    FROM ${source} AS w JOIN ${rows.sql} AS r (${rows.columns.join(", ")}) ON r.n = w.n`
}

/** The statement. Its parameters are {@link commitValues}; it answers with a row `{ n, result }` for each member, in their order. */
export const commitBatch = `
  WITH members AS MATERIALIZED (
    SELECT * FROM ${members.sql} AS m (${members.columns.join(", ")})
  ), locked AS MATERIALIZED (
    SELECT m.*, mine.head, mine.records_until FROM members AS m CROSS JOIN LATERAL (
      SELECT s.head, s.records_until FROM sessions AS s
      WHERE s.organization = m.organization AND s.environment = m.environment AND s.id = m.session
        AND s.revision = m.expected
      FOR UPDATE SKIP LOCKED
    ) AS mine
  ), absent AS MATERIALIZED (
    SELECT m.*, NULL::text AS head, NULL::text AS records_until FROM members AS m WHERE m.expected IS NULL AND (
      SELECT p.revision FROM sessions AS p
      WHERE p.organization = m.organization AND p.environment = m.environment AND p.id = m.session
    ) IS NULL
  ), held AS MATERIALIZED (
    SELECT * FROM locked UNION ALL SELECT * FROM absent
  ), claimed AS (
    ${insert("idempotency_records", records, "held")}
    ORDER BY w.organization COLLATE "C", w.environment COLLATE "C", r.key COLLATE "C"
    ON CONFLICT (organization, environment, key)
    DO UPDATE SET ${recordColumns.map((column) => `${column} = excluded.${column}`).join(", ")}
    WHERE idempotency_records.expires_at <= excluded.created_at
    RETURNING organization, environment, key
  ), won AS MATERIALIZED (
    SELECT h.* FROM held AS h
    LEFT JOIN claimed AS c ON c.organization = h.organization AND c.environment = h.environment AND c.key = h.key
    WHERE h.key IS NULL OR c.key IS NOT NULL
  ), updated AS (
    UPDATE sessions AS u SET ${sessionColumns
      .map(
        (column) => `${column} = ${column === "records_until" ? recordsUntil("r.records_until", "u") : `r.${column}`}`
      )
      .join(", ")}
    FROM won AS w JOIN ${sessions.sql} AS r (${sessions.columns.join(", ")}) ON r.n = w.n
    WHERE u.organization = w.organization AND u.environment = w.environment AND u.id = w.session
      AND u.revision = w.expected
  ), created AS (
    ${insert("sessions", sessions, "won")}
    WHERE w.expected IS NULL ORDER BY w.organization COLLATE "C", w.environment COLLATE "C", r.id COLLATE "C"
  ), moved AS (
    UPDATE sessions AS u SET head = w.moved, records_until = ${recordsUntil("w.moved_until", "u")} FROM won AS w
    WHERE u.organization = w.organization AND u.environment = w.environment AND u.id = w.session AND w.moved IS NOT NULL
  ), happened AS (
    ${insert("history", entries, "won")}
  )
  SELECT m.n, CASE WHEN h.n IS NULL THEN 'stale' WHEN w.n IS NULL THEN 'duplicate' ELSE 'committed' END AS result
  FROM members AS m LEFT JOIN held AS h ON h.n = m.n LEFT JOIN won AS w ON w.n = m.n ORDER BY m.n`

/** A row of the answer. */
export interface CommitAnswer {
  readonly n: number
  readonly result: CommitResult
}

/** The parameters for a batch. */
export const commitValues = (batch: ReadonlyArray<CommitRows>): Values => {
  const all = batch.map((change, n) => ({ ...change, n }))
  return {
    ...members.values(
      all.map(({ environment, expected, head, id, n, next, organization, record, recordsUntil }) => {
        const moved = next === null ? { moved: head, moved_until: recordsUntil } : { moved: null, moved_until: null }
        return { n, organization, environment, session: id, expected, key: record?.key ?? null, ...moved }
      })
    ),
    ...sessions.values(all.flatMap(({ n, next }) => (next === null ? [] : [{ ...next, n }]))),
    ...records.values(all.flatMap(({ n, record }) => (record === null ? [] : [{ ...record, n }]))),
    ...entries.values(all.flatMap(({ history, n }) => history.map((entry) => ({ ...entry, n }))))
  }
}

/**
 * The SQL that every database is asked in, and a word of it for the few places where they differ. Parameters are named after
 * the columns of `Rows.ts` and written `:name`; the drivers have them numbered (`Numbered.ts`).
 *
 * Every statement on a table of a tenant binds organization and environment; only `findApiKey` does not (see `Migrations.ts`).
 */
import { capturable } from "../domain/SessionStatus.ts"
import type { SessionId } from "../domain/Ids.ts"
import type { SessionStatus } from "../domain/SessionStatus.ts"
import { isByExpiry, isListed } from "./Migrations.ts"
import type { ListRequest, LoadRequest, PageRequest } from "../store/SessionStore.ts"

/** Whose SQL it is to be. */
export type Dialect = "sqlite" | "postgres"

const owned = "organization = :organization AND environment = :environment"
const owns = (alias: string) => `${alias}.organization = :organization AND ${alias}.environment = :environment`

const insert = (table: string, columns: ReadonlyArray<string>) => {
  const all = ["organization", "environment", ...columns]
  return `INSERT INTO ${table} (${all.join(", ")}) VALUES (${all.map((column) => `:${column}`).join(", ")})`
}

/** What makes a record more than a tombstone. */
const recordBody = ["format", "key_version", "fingerprint", "outcome"]

/** The columns of a tenant's tables, behind organization and environment; of sessions also behind `id`. */
export const recordColumns = ["key", "operation", "session", "run", ...recordBody, "created_at", "expires_at"]
const eventColumns = ["type", "revision", "changed", "at"]
const auditColumns = ["audit_id", "noted_at", "action", "api_key", "request_id", "address", "record_expires_at"]
export const historyColumns = ["id", "session", "previous", "earlier_until", ...eventColumns, ...auditColumns]
/** What a change may leave as it is in a session: what guards and lists need. */
const steadyColumns = ["status", "external_ref", "tags", "created_at", "token_expires_at"]
export const sessionColumns = ["revision", ...steadyColumns, "head", "records_until", "data"]

/** When the last record of a session expires, if one that is made now expires at `expiry`; the row goes by `alias`. */
export const recordsUntil = (expiry: string, alias = "sessions"): string =>
  `CASE WHEN ${expiry} > coalesce(${alias}.records_until, '') THEN ${expiry} ELSE ${alias}.records_until END`

/** Those whose token can run out. The index `sessions_by_token_expiry` holds exactly these. */
const waiting = `status IN (${[...capturable].map((status) => `'${status}'`).join(", ")})`

const sessionAndRecord = `
  FROM (SELECT 1) AS one
  LEFT JOIN sessions AS s ON ${owns("s")} AND s.id = :session
  LEFT JOIN idempotency_records AS r ON ${owns("r")} AND r.key = :key AND r.expires_at > :now`

const loaded = [
  "CASE WHEN r.key IS NULL THEN s.data END AS data",
  ...recordColumns.map((column) => `r.${column}`)
].join(", ")

/** The live record of the key or else the session: one row, `NULL` for what is not there. */
export const load = `SELECT ${loaded} ${sessionAndRecord}`

/** The same, and the revision that an event made. */
export const loadWithEvent = `SELECT ${loaded}, h.revision AS event_revision ${sessionAndRecord}
  LEFT JOIN history AS h ON ${owns("h")} AND h.id = :event AND h.session = :session`

/** What a request of that kind is loaded with. */
export const loadOf = ({ event }: Pick<LoadRequest, "event">): string => (event === null ? load : loadWithEvent)

/** What stands in the way of a commit that was refused: another revision, `NULL` for no session, or the key. One row. */
export const revision = `SELECT (SELECT revision FROM sessions WHERE ${owned} AND id = :session) AS revision`

export const insertSession = insert("sessions", ["id", ...sessionColumns])

const setting = (column: string) =>
  `${column} = ${column === "records_until" ? recordsUntil(":records_until") : `:${column}`}`

export const updateSession = `
  UPDATE sessions SET ${sessionColumns.map(setting).join(", ")}
  WHERE ${owned} AND id = :id AND revision = :expected`

/**
 * The same for a change that leaves the columns of lists and guards as they are, as most do. SQLite writes the index entries of every
 * column that a statement sets, whether or not its value is another.
 */
export const reviseSession = `
  UPDATE sessions SET ${["revision", "head", "records_until", "data"].map(setting).join(", ")}
  WHERE ${owned} AND id = :id AND revision = :expected
    AND ${steadyColumns.map((column) => `${column} IS NOT DISTINCT FROM :${column}`).join(" AND ")}`

/** The session as it is, with a new entry in its history. */
export const moveHead = `
  UPDATE sessions SET ${["head", "records_until"].map(setting).join(", ")} WHERE ${owned} AND id = :session`

/** Takes a key that is free, or whose record has expired. */
export const claimKey = `${insert("idempotency_records", recordColumns)}
  ON CONFLICT (organization, environment, key)
  DO UPDATE SET ${recordColumns.map((column) => `${column} = excluded.${column}`).join(", ")}
  WHERE idempotency_records.expires_at <= :now`

/** An entry behind another of the same commit. */
export const insertEntry = insert("history", historyColumns)

/** An entry that belongs to no commit, once per id. */
export const appendEntry = `${insertEntry} ON CONFLICT (organization, environment, id) DO NOTHING`

const isFree = `NOT EXISTS (
    SELECT 1 FROM idempotency_records AS r WHERE ${owns("r")} AND r.key = :key AND r.expires_at > :now
  )`

const insertFirst = (linked: Readonly<Record<string, string>>) => {
  const values = historyColumns.map((column) => linked[column] ?? `:${column}`)
  return `
  INSERT INTO history (organization, environment, ${historyColumns.join(", ")}) SELECT
    :organization, :environment, ${values.join(", ")}`
}

/** The guard of a change, and its first entry, at once: it is there if the session has the revision and nobody the key. */
export const continueHistory = `${insertFirst({ previous: "s.head", earlier_until: "s.records_until" })}
  FROM sessions AS s WHERE ${owns("s")} AND s.id = :session AND s.revision = :expected AND ${isFree}`

/** The same for a session that is made. */
export const beginHistory = `${insertFirst({ previous: "NULL", earlier_until: "NULL" })}
  WHERE NOT EXISTS (SELECT 1 FROM sessions AS s WHERE ${owns("s")} AND s.id = :session) AND ${isFree}`

/** The entries of a session, from the newest back; as far as a condition on the last one, `t`, holds. */
const trail = (columns: ReadonlyArray<string>, further = "TRUE"): string => {
  const of = (alias: string) =>
    ["previous", "earlier_until", ...columns].map((column) => `${alias}.${column}`).join(", ")
  return `WITH RECURSIVE trail (previous, earlier_until, ${columns.join(", ")}) AS (
    SELECT ${of("h")} FROM sessions AS s JOIN history AS h ON ${owns("h")} AND h.id = s.head
    WHERE ${owns("s")} AND s.id = :session
    UNION ALL
    SELECT ${of("p")} FROM trail AS t JOIN history AS p ON ${owns("p")} AND p.id = t.previous WHERE ${further}
  ) SELECT ${columns.join(", ")} FROM trail`
}

const oldest = `SELECT min(o.expires_at) FROM idempotency_records AS o WHERE ${owns("o")} AND o.${isByExpiry}`

/** A session may have lived for years: behind an entry before which no record can be left, nobody looks. */
const expiries = trail(["record_expires_at"], `t.earlier_until >= (${oldest})`)

/** Whose the records of a session are: they are found by when they expire, which the history of the session knows. */
export const ofSession: Record<Dialect, string> = {
  sqlite: `${owned} AND ${isByExpiry} AND session = :session AND expires_at IN (${expiries})`,
  // As an array, so that the planner has no choice but the index.
  postgres: `${owned} AND ${isByExpiry} AND session = :session AND expires_at = ANY (ARRAY(${expiries}))`
}

/** Makes tombstones of a session's records, but for that of one run. */
export const eraseRecords = (dialect: Dialect): string => `
  UPDATE idempotency_records SET ${recordBody.map((column) => `${column} = NULL`).join(", ")}
  WHERE ${ofSession[dialect]} AND run <> :run`

/** The plus sign makes SQLite go by the keys found: by the other index it would read all that has expired, for each batch. */
export const sweepRecords = `
  DELETE FROM idempotency_records
  WHERE ${owned} AND +expires_at <= :now AND key IN (
    SELECT key FROM idempotency_records WHERE ${owned} AND ${isByExpiry} AND expires_at <= :now
    ORDER BY expires_at LIMIT :limit
  )`

export const lapsedSessions = `
  SELECT data FROM sessions WHERE ${owned} AND ${waiting} AND token_expires_at <= :now
  ORDER BY token_expires_at LIMIT :limit`

const entry = ["id", "session", ...eventColumns, ...auditColumns]

export const sessionHistory = trail(entry)
export const loneEntries = `SELECT ${entry.join(", ")} FROM history WHERE ${owned} AND session = ''`

/** The entries about a session, or about none, in no order. */
export const historyOf = (session: SessionId | null): string => (session === null ? loneEntries : sessionHistory)

/** In a status as it is at `now`. */
const inStatus = (status: SessionStatus): string => {
  if (status === "expired") return `(status = :status OR (${waiting} AND token_expires_at <= :now))`
  return capturable.has(status)
    ? "status = :status AND (token_expires_at IS NULL OR token_expires_at > :now)"
    : "status = :status"
}

/** What of a request decides about the text of its statement. */
export type ListShape = Pick<ListRequest, "direction" | "externalRef" | "from" | "status">

/** Sessions from one on. It names those parameters of the request that are not `null`, and `now` where the status depends on it. */
export const listSessions = ({ direction, externalRef, from, status }: ListShape): string => {
  const order = `ORDER BY id ${direction === "older" ? "DESC" : "ASC"} LIMIT :limit`
  const page = (...filters: ReadonlyArray<string>) => {
    const all = [owned, isListed, ...filters]
    if (externalRef !== null) all.push("external_ref = :external_ref")
    if (from !== null) all.push(direction === "older" ? "id < :from" : "id > :from")
    return `SELECT id, data FROM sessions WHERE ${all.join(" AND ")} ${order}`
  }
  if (status === null) return page()
  if (status !== "expired") return page(inStatus(status))
  // Two short walks along an index each, where one condition with OR would read every session that ever expired.
  const lapsed = page(waiting, "token_expires_at <= :now")
  return `SELECT * FROM (${page("status = :status")}) AS stored UNION ALL SELECT * FROM (${lapsed}) AS lapsed ${order}`
}

/** What of a request decides about the text of its statement. */
export type PageShape = Omit<PageRequest, "tenant" | "limit" | "offset" | "now">

const isTagged: Record<Dialect, string> = {
  sqlite: "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag)",
  // By `json`, since `jsonb` refuses characters that a text may hold.
  postgres: "EXISTS (SELECT 1 FROM json_array_elements_text(tags::json) AS t (tag) WHERE t.tag = :tag)"
}

/** A page by number, and how many there are in all: a row for each session, or one without a session. */
export const pageSessions = (shape: PageShape, dialect: Dialect = "sqlite"): string => {
  const all = [owned, isListed]
  if (shape.status !== null) all.push(inStatus(shape.status))
  if (shape.externalRef !== null) all.push("external_ref = :external_ref")
  if (shape.idOrExternalRef !== null) all.push("(id = :id_or_external_ref OR external_ref = :id_or_external_ref)")
  if (shape.tag !== null) all.push(isTagged[dialect])
  if (shape.createdAfter !== null) all.push("created_at > :created_after")
  if (shape.createdBefore !== null) all.push("created_at < :created_before")
  const found = `FROM sessions WHERE ${all.join(" AND ")}`
  return `
  SELECT counted.total, page.data FROM (SELECT count(*) AS total ${found}) AS counted
  LEFT JOIN (SELECT id, data ${found} ORDER BY id DESC LIMIT :limit OFFSET :offset) AS page ON 1 = 1
  ORDER BY page.id DESC`
}

export const organizations = "SELECT slug, live, sandbox, created_at FROM organizations ORDER BY slug"

export const findOrganization = "SELECT slug, live, sandbox, created_at FROM organizations WHERE slug = :slug"

export const insertOrganization = `
  INSERT INTO organizations (slug, live, sandbox, created_at) VALUES (:slug, :live, :sandbox, :created_at)
  ON CONFLICT (slug) DO NOTHING`

/** By its id alone: this is how a tenant is found. */
export const findApiKey = "SELECT data FROM api_keys WHERE id = :id"

export const insertApiKey = insert("api_keys", ["id", "data"])

export const ownApiKey = `SELECT data FROM api_keys WHERE ${owned} AND id = :id`

export const updateApiKey = `UPDATE api_keys SET data = :data WHERE ${owned} AND id = :id`

export const listApiKeys = `SELECT data FROM api_keys WHERE ${owned} ORDER BY id DESC`

export const ready = "SELECT slug FROM organizations LIMIT 1"

/**
 * Rows: how sessions, records, their history and API keys are written into columns and read back. The same for every
 * SQL database, because all columns are TEXT or INTEGER.
 *
 * A time is ISO 8601 text in UTC with milliseconds, of fixed width, so that it sorts as text. A session and an API key are
 * one JSON text; the columns beside it repeat what guards and lists need.
 */
import { DateTime } from "effect"
import type { StoredApiKey } from "../domain/ApiKey.ts"
import type { AuditEntry, LoneEntry, SessionEvent } from "../domain/Event.ts"
import type { IdempotencyRecord } from "../domain/Idempotency.ts"
import type { AuditId, EventId, SessionId } from "../domain/Ids.ts"
import type { Session } from "../domain/Session.ts"
import type { Organization, Tenant } from "../domain/Tenant.ts"
import { apiKeyText } from "../internal/ApiKeyText.ts"
import { sessionText } from "../domain/SessionText.ts"
import { isoText } from "../domain/TimeText.ts"
import type { Commit, ListRequest, Loaded, LoadRequest, PageRequest } from "../store/SessionStore.ts"

/** A time as it stands in a column, such as `2026-11-22T09:30:00.000Z`. One of no year with four digits is the nearest that is. */
export const timeText = (time: DateTime.Utc): string => {
  const text = isoText(time)
  if (text.length === 24) return text
  return text.startsWith("-") ? "0000-01-01T00:00:00.000Z" : farFuture
}

const farFuture = "9999-12-31T23:59:59.999Z"

const readTime = (text: string): DateTime.Utc => DateTime.makeUnsafe(text)

/** The columns that say whose a row is. */
export const owner = ({ environment, organization }: Tenant) => ({ organization, environment })

/** The columns of a session. */
const sessionRow = (
  { environment, organization }: Tenant,
  session: Session,
  { head, recordsUntil }: { readonly head: string; readonly recordsUntil: string | null }
) => ({
  organization,
  environment,
  id: session.id,
  revision: session.revision,
  status: session.status,
  external_ref: session.externalRef,
  tags: JSON.stringify(session.tags),
  created_at: timeText(session.createdAt),
  token_expires_at: session.tokenExpiresAt === null ? null : timeText(session.tokenExpiresAt),
  head,
  records_until: recordsUntil,
  data: sessionText.write(session)
})

/** The columns of an idempotency record. Without a body it is a tombstone. */
const recordRow = ({ environment, organization }: Tenant, record: IdempotencyRecord) => ({
  organization,
  environment,
  key: record.key,
  operation: record.operation,
  session: record.session,
  run: record.run,
  format: record.body?.format ?? null,
  key_version: record.body?.keyVersion ?? null,
  fingerprint: record.body?.fingerprint ?? null,
  outcome: record.body?.outcome ?? null,
  created_at: timeText(record.createdAt),
  expires_at: timeText(record.expiresAt)
})
/** The columns of an idempotency record. */
type RecordRow = ReturnType<typeof recordRow>

/** An idempotency record from its columns. */
const readRecord = (row: Omit<RecordRow, keyof Tenant>): IdempotencyRecord => {
  const { fingerprint, format, key, key_version: keyVersion, operation, outcome, run, session } = row
  const erased = format === null || keyVersion === null || fingerprint === null || outcome === null
  return {
    key,
    operation,
    session,
    run,
    body: erased ? null : { format, keyVersion, fingerprint, outcome },
    createdAt: readTime(row.created_at),
    expiresAt: readTime(row.expires_at)
  }
}

const noEvent = { type: null, revision: null, changed: null, at: null }

const eventOf = (event: SessionEvent) => ({
  type: event.type,
  revision: event.revision,
  changed: JSON.stringify(event.changed),
  at: timeText(event.at)
})

const noAudit = {
  audit_id: null,
  noted_at: null,
  action: null,
  api_key: null,
  request_id: null,
  address: null,
  record_expires_at: null
}

const auditOf = (entry: AuditEntry, recordExpiresAt: string | null) => ({
  audit_id: entry.id,
  noted_at: timeText(entry.at),
  action: entry.action,
  api_key: entry.apiKey,
  request_id: entry.requestId,
  address: entry.address,
  record_expires_at: recordExpiresAt
})

/** The columns of an entry of the history: an event, an audit entry, or both. */
type HistoryRow = ReturnType<typeof owner> & {
  readonly session: SessionId | ""
  /** The entry before it about the same session, and until when the records before it live: for the first of a commit, from the database. */
  readonly previous: EventId | null
  readonly earlier_until: string | null
} & (({ readonly id: EventId } & ReturnType<typeof eventOf>) | ({ readonly id: AuditId } & typeof noEvent)) &
  (ReturnType<typeof auditOf> | typeof noAudit)

/** The entries of a commit: one for each event, the last of them with the audit entry; or the audit entry alone. */
const historyRows = (
  { audit, events, session, tenant }: Commit,
  recordExpiresAt: string | null
): ReadonlyArray<HistoryRow> => {
  const noted = audit === null ? noAudit : auditOf(audit, recordExpiresAt)
  if (events.length === 0 && audit !== null) {
    return [{ ...owner(tenant), id: audit.id, session, previous: null, earlier_until: null, ...noEvent, ...noted }]
  }
  return events.map((event, at) => ({
    ...owner(tenant),
    id: event.id,
    session,
    previous: events[at - 1]?.id ?? null,
    // Whoever looks for records goes on to the first.
    earlier_until: at === 0 ? null : farFuture,
    ...eventOf(event),
    ...(at === events.length - 1 ? noted : noAudit)
  }))
}

/** The columns of an entry that belongs to no commit. */
export const entryRow = (tenant: Tenant, entry: LoneEntry): HistoryRow => ({
  ...owner(tenant),
  id: entry.id,
  session: "",
  previous: null,
  earlier_until: null,
  ...noEvent,
  ...auditOf(entry, null)
})

/** The events by revision and the audit entries by id, from the rows of a history. */
export const readHistory = (found: ReadonlyArray<object>) => {
  const rows = found as ReadonlyArray<HistoryRow>
  const events = rows.flatMap((row): ReadonlyArray<SessionEvent> => {
    if (row.type === null || row.session === "") return []
    const { at, changed, id, revision, session, type } = row
    return [{ id, session, revision, type, changed: JSON.parse(changed) as ReadonlyArray<string>, at: readTime(at) }]
  })
  const audit = rows.flatMap((row): ReadonlyArray<AuditEntry> => {
    if (row.audit_id === null) return []
    const { action, address, api_key: apiKey, audit_id: id, noted_at, request_id: requestId } = row
    return [{ id, at: readTime(noted_at), action, session: row.session || null, apiKey, requestId, address }]
  })
  return {
    events: events.toSorted((a, b) => a.revision - b.revision),
    audit: audit.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }
}

/** Sessions from rows that have their text. */
export const readSessions = (found: ReadonlyArray<object>): ReadonlyArray<Session> =>
  found.map((row) => sessionText.read((row as { readonly data: string }).data))

/** What the statement of a list is asked for; it may name fewer. */
export const listValues = ({ externalRef, from, limit, now, status, tenant }: ListRequest) => ({
  ...owner(tenant),
  status,
  external_ref: externalRef,
  from,
  limit,
  now: timeText(now)
})

/** What the statement of a page is asked for; it may name fewer. */
export const pageValues = (request: PageRequest) => ({
  ...owner(request.tenant),
  status: request.status,
  external_ref: request.externalRef,
  id_or_external_ref: request.idOrExternalRef,
  tag: request.tag,
  created_after: request.createdAfter && timeText(request.createdAfter),
  created_before: request.createdBefore && timeText(request.createdBefore),
  limit: request.limit,
  offset: request.offset,
  now: timeText(request.now)
})

/** The sessions of a page and their total, from the rows that its statement answers with. */
export const readPage = (found: ReadonlyArray<object>) => {
  const page = found as ReadonlyArray<{ readonly total: number; readonly data: string | null }>
  return { sessions: readSessions(page.filter(({ data }) => data !== null)), total: Number(page[0]?.total) }
}

/** What the statements of a load are asked for. */
export const loadValues = ({ event, key, now, session, tenant }: LoadRequest) => ({
  ...owner(tenant),
  session,
  key,
  event,
  now: timeText(now)
})

/** Of a record either all columns are there, or none. */
type LoadRow = { readonly data: string | null; readonly event_revision?: number | null } & (
  | Omit<RecordRow, keyof Tenant>
  | { readonly key: null }
)

/** What was loaded, from the row that the statement answers with. */
export const readLoaded = (found: object | undefined): Loaded => {
  const row = found as LoadRow
  return {
    session: row.data === null ? null : sessionText.read(row.data),
    record: row.key === null ? null : readRecord(row),
    eventRevision: row.event_revision ?? null
  }
}

/** All that a commit writes and is guarded by, in columns. */
export const commitRows = (commit: Commit) => {
  const { erases, expected, next, now, record, session, tenant } = commit
  const claim = record && recordRow(tenant, record)
  const recordsUntil = claim?.expires_at ?? null
  const history = historyRows(commit, recordsUntil)
  // A commit without a trace was refused before.
  const head = history.at(-1)?.id ?? ""
  return {
    organization: tenant.organization,
    environment: tenant.environment,
    id: session,
    expected,
    next: next && sessionRow(tenant, next, { head, recordsUntil }),
    head,
    recordsUntil,
    history,
    record: claim,
    erases,
    now: timeText(now)
  }
}
/** All that a commit writes and is guarded by, in columns. */
export type CommitRows = ReturnType<typeof commitRows>

/** About how many bytes a commit writes: of what can be large. */
export const sizeOfCommit = ({ next, record }: CommitRows): number =>
  (next?.data.length ?? 0) + (record?.outcome?.length ?? 0)

/** The columns of an API key. */
export const apiKeyRow = (key: StoredApiKey) => ({
  organization: key.organization,
  environment: key.environment,
  id: key.id,
  data: apiKeyText.write(key)
})

/** The columns of an organization. */
export const organizationRow = ({ createdAt, live, sandbox, slug }: Organization) => ({
  slug,
  live,
  sandbox,
  created_at: timeText(createdAt)
})
/** The columns of an organization. */
export type OrganizationRow = ReturnType<typeof organizationRow>

/** An organization from its columns. */
export const readOrganization = ({ created_at, live, sandbox, slug }: OrganizationRow): Organization => ({
  slug,
  live,
  sandbox,
  createdAt: readTime(created_at)
})

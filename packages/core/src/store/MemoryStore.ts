/**
 * The store port in memory: for tests, examples and single runs. Everything is gone with the process; the rules are the same
 * as those of the databases, because the same conformance suite says so.
 *
 * Each method is one synchronous step, and so atomic.
 */
import { DateTime, Effect, Layer } from "effect"
import type { StoredApiKey } from "../domain/ApiKey.ts"
import type { AuditEntry, SessionEvent } from "../domain/Event.ts"
import type { IdempotencyKey, IdempotencyRecord } from "../domain/Idempotency.ts"
import type { ApiKeyId, AuditId, SessionId } from "../domain/Ids.ts"
import { hasLapsed, lapse } from "../domain/Lapse.ts"
import type { Session } from "../domain/Session.ts"
import type { Organization, OrganizationSlug, Tenant } from "../domain/Tenant.ts"
import { ApiKeyStore } from "./ApiKeyStore.ts"
import { assertBatch, assertWhole, SessionStore } from "./SessionStore.ts"
import type { Commit, CommitResult, ListRequest, Loaded, LoadRequest, PageRequest } from "./SessionStore.ts"

interface Shelf {
  readonly sessions: Map<SessionId, Session>
  readonly records: Map<IdempotencyKey, IdempotencyRecord>
  readonly events: Map<SessionId, Array<SessionEvent>>
  readonly audit: Map<AuditId, AuditEntry>
}

const isLive = (record: IdempotencyRecord, now: DateTime.Utc): boolean => DateTime.isGreaterThan(record.expiresAt, now)

const makeSessionStore = (): SessionStore["Service"] => {
  const shelves = new Map<string, Shelf>()

  const shelf = ({ environment, organization }: Tenant): Shelf => {
    const name = `${organization}/${environment}`
    let found = shelves.get(name)
    if (found === undefined) {
      shelves.set(name, (found = { sessions: new Map(), records: new Map(), events: new Map(), audit: new Map() }))
    }
    return found
  }

  const load = ({ event, key, now, session, tenant }: LoadRequest): Loaded => {
    const { events, records, sessions } = shelf(tenant)
    const claimed = key === null ? undefined : records.get(key)
    const record = claimed !== undefined && isLive(claimed, now) ? claimed : null
    const made = event === null ? undefined : events.get(session)?.find(({ id }) => id === event)
    return {
      session: record === null ? (sessions.get(session) ?? null) : null,
      record,
      eventRevision: made?.revision ?? null
    }
  }

  const commitOne = (change: Commit): CommitResult => {
    const { audit, events, records, sessions } = shelf(change.tenant)
    const stored = sessions.get(change.session)
    if ((stored?.revision ?? null) !== change.expected) return "stale"
    const holder = change.record === null ? undefined : records.get(change.record.key)
    if (holder !== undefined && isLive(holder, change.now)) return "duplicate"
    if (change.next !== null) sessions.set(change.session, change.next)
    if (change.events.length > 0) events.set(change.session, [...(events.get(change.session) ?? []), ...change.events])
    if (change.audit !== null) audit.set(change.audit.id, change.audit)
    if (change.erases) {
      for (const record of records.values()) {
        if (record.session === change.session) records.set(record.key, { ...record, body: null })
      }
    }
    if (change.record !== null) records.set(change.record.key, change.record)
    return "committed"
  }

  const matches = (session: Session, { externalRef, from, direction, now, status }: ListRequest): boolean =>
    (status === null || lapse(session, now).status === status) &&
    (externalRef === null || session.externalRef === externalRef) &&
    (from === null || (direction === "older" ? session.id < from : session.id > from))

  const isOnPage = (session: Session, request: PageRequest): boolean =>
    (request.status === null || lapse(session, request.now).status === request.status) &&
    (request.externalRef === null || session.externalRef === request.externalRef) &&
    (request.idOrExternalRef === null ||
      session.id === request.idOrExternalRef ||
      session.externalRef === request.idOrExternalRef) &&
    (request.tag === null || session.tags.includes(request.tag)) &&
    (request.createdAfter === null || DateTime.isGreaterThan(session.createdAt, request.createdAfter)) &&
    (request.createdBefore === null || DateTime.isLessThan(session.createdAt, request.createdBefore))

  return {
    load: (request) => Effect.sync(() => load(request)),

    commit: (batch) =>
      Effect.sync(() => {
        assertBatch(batch)
        return batch.map(commitOne)
      }),

    // Nothing is held: what was decided upon is checked again when it is written.
    exclusively: Effect.fnUntraced(function* (request, decide) {
      const change = yield* decide(load(request))
      if (change === null) return null
      assertWhole(change)
      return commitOne(change)
    }),

    list: (request) =>
      Effect.sync(() => {
        const found = [...shelf(request.tenant).sessions.values()].filter((session) => matches(session, request))
        const order = request.direction === "older" ? -1 : 1
        return found.toSorted((a, b) => (a.id < b.id ? -order : order)).slice(0, request.limit)
      }),

    page: (request) =>
      Effect.sync(() => {
        const found = [...shelf(request.tenant).sessions.values()].filter((session) => isOnPage(session, request))
        const sessions = found
          .toSorted((a, b) => (a.id < b.id ? 1 : -1))
          .slice(request.offset, request.offset + request.limit)
        return { sessions, total: found.length }
      }),

    history: (tenant, session) =>
      Effect.sync(() => {
        const { audit, events } = shelf(tenant)
        return {
          events: (session === null ? undefined : events.get(session)) ?? [],
          audit: [...audit.values()]
            .filter((entry) => entry.session === session)
            .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        }
      }),

    appendAudit: (tenant, entry) =>
      Effect.sync(() => {
        const { audit } = shelf(tenant)
        if (!audit.has(entry.id)) audit.set(entry.id, entry)
      }),

    lapsed: (tenant, now, limit) =>
      Effect.sync(() =>
        [...shelf(tenant).sessions.values()].filter((session) => hasLapsed(session, now)).slice(0, limit)
      ),

    sweep: (tenant, now, limit) =>
      Effect.sync(() => {
        const { records } = shelf(tenant)
        const expired = [...records.values()].filter((record) => !isLive(record, now)).slice(0, limit)
        for (const record of expired) records.delete(record.key)
        return expired.length
      }),

    ready: Effect.void
  }
}

const makeApiKeyStore = (): ApiKeyStore["Service"] => {
  const organizations = new Map<OrganizationSlug, Organization>()
  const keys = new Map<ApiKeyId, StoredApiKey>()

  const change = ({ environment, organization }: Tenant, id: ApiKeyId, next: (key: StoredApiKey) => StoredApiKey) =>
    Effect.sync(() => {
      const key = keys.get(id)
      if (key === undefined || key.organization !== organization || key.environment !== environment) return null
      const changed = next(key)
      keys.set(id, changed)
      return changed
    })

  return {
    organizations: Effect.sync(() => [...organizations.values()].toSorted((a, b) => (a.slug < b.slug ? -1 : 1))),
    findOrganization: (slug) => Effect.sync(() => organizations.get(slug) ?? null),
    ensureOrganization: (organization) =>
      Effect.sync(() => {
        const found = organizations.get(organization.slug)
        if (found === undefined) organizations.set(organization.slug, organization)
        return found ?? organization
      }),
    insert: (key) => Effect.sync(() => void keys.set(key.id, key)),
    find: (id) => Effect.sync(() => keys.get(id) ?? null),
    list: ({ environment, organization }) =>
      Effect.sync(() =>
        [...keys.values()]
          .filter((key) => key.organization === organization && key.environment === environment)
          .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      ),
    rotate: (tenant, id, secret, until) =>
      change(tenant, id, (key) => ({ ...key, secret, previous: { ...key.secret, until } })),
    revoke: (tenant, id, at) => change(tenant, id, (key) => ({ ...key, revokedAt: key.revokedAt ?? at })),
    touch: (tenant, id, at) => Effect.asVoid(change(tenant, id, (key) => ({ ...key, lastUsedAt: at })))
  }
}

/** Both stores in memory, empty. Each time the layer is built anew it is another memory. */
export const layerMemory: Layer.Layer<SessionStore | ApiKeyStore> = Layer.mergeAll(
  Layer.sync(SessionStore, makeSessionStore),
  Layer.sync(ApiKeyStore, makeApiKeyStore)
)

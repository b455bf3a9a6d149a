/** What tests of stores are made of: a tenant, sessions, and the commits that make and change them. */
import { DateTime, Effect } from "effect"
import type { Duration } from "effect"
import type { StoredApiKey } from "../src/domain/ApiKey.ts"
import type { LoneEntry } from "../src/domain/Event.ts"
import type { IdempotencyKey, IdempotencyRecord } from "../src/domain/Idempotency.ts"
import type { ApiKeyId, AuditId, EnvironmentId, EventId, SessionId } from "../src/domain/Ids.ts"
import type { Session } from "../src/domain/Session.ts"
import type { Organization, OrganizationSlug, Tenant } from "../src/domain/Tenant.ts"
import type { Commit, SessionStore } from "../src/store/SessionStore.ts"

const suffix = (n: number) => n.toString().padStart(26, "0")

export const sessionId = (n: number) => `ses_${suffix(n)}` as SessionId
export const eventId = (n: number) => `evt_${suffix(n)}` as EventId
const auditId = (n: number) => `aud_${suffix(n)}` as AuditId
const apiKeyId = (n: number) => `key_${suffix(n)}` as ApiKeyId
export const idempotencyKey = (text: string) => text as IdempotencyKey

export const now = DateTime.makeUnsafe("2026-11-22T09:30:00.000Z")
export const later = (duration: Duration.Input) => DateTime.addDuration(now, duration)

export const organization: Organization = {
  slug: "acme" as OrganizationSlug,
  live: `env_${suffix(1)}` as EnvironmentId,
  sandbox: `env_${suffix(2)}` as EnvironmentId,
  createdAt: now
}
export const tenant: Tenant = { organization: organization.slug, environment: organization.sandbox }

/** An API key of the tenant. */
export const anApiKey: StoredApiKey = {
  id: apiKeyId(1),
  ...tenant,
  kind: "sandbox",
  label: "",
  scopes: ["sessions:read"],
  version: null,
  inflection: null,
  allowList: [],
  createdAt: now,
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  secret: { keyVersion: "00000000", hash: "hash" },
  previous: null
}

/** A pending session whose token runs out 20 minutes after `now`. */
export const makeSession = (n: number, patch: Partial<Session> = {}): Session => ({
  id: sessionId(n),
  status: "pending",
  isSandbox: true,
  environment: tenant.environment,
  createdAt: now,
  updatedAt: now,
  externalRef: null,
  metadata: {},
  country: null,
  checks: null,
  workflowId: null,
  redirectUrl: null,
  documentType: null,
  retentionStatus: "active",
  processingAttempts: null,
  consentIp: null,
  capture: { generation: 1, keyVersion: "00000000" },
  tokenExpiresAt: later("20 minutes"),
  caseId: null,
  caseStatus: null,
  tags: [],
  revision: 1,
  ...patch
})

/** An entry of the audit trail that belongs to no commit. */
export const loneEntry: LoneEntry = {
  id: auditId(1),
  at: now,
  action: "refused.expired",
  session: null,
  apiKey: apiKeyId(1),
  requestId: "req_1",
  address: null
}

/** The commit that stores `next` over the revision before it, with its event, an audit entry and, for a key, a record. */
export const makeCommit = (
  next: Session,
  options: { readonly key?: string; readonly outcome?: string } = {}
): Commit => {
  // No other session and revision has this number, in this process or another.
  const number = Number(next.id.slice(4)) * 1_000 + next.revision
  const run = eventId(number)
  const record: IdempotencyRecord | null =
    options.key === undefined
      ? null
      : {
          key: idempotencyKey(options.key),
          operation: "updateSession",
          session: next.id,
          run,
          body: { format: 1, keyVersion: "00000000", fingerprint: "print", outcome: options.outcome ?? "{}" },
          createdAt: now,
          expiresAt: later("24 hours")
        }
  return {
    tenant,
    session: next.id,
    expected: next.revision === 1 ? null : next.revision - 1,
    next,
    events: [
      {
        id: run,
        session: next.id,
        revision: next.revision,
        type: next.revision === 1 ? "session.created" : "session.updated",
        changed: ["metadata"],
        at: now
      }
    ],
    audit: {
      id: auditId(number),
      at: now,
      action: "updateSession",
      session: next.id,
      apiKey: apiKeyId(1),
      requestId: "req_1",
      address: "192.0.2.1"
    },
    record,
    erases: false,
    now
  }
}

/** Commits a change as the redaction that it says. */
export const redact = (store: SessionStore["Service"], change: Commit) => {
  const request = { tenant, session: change.session, key: change.record?.key ?? null, event: null, now }
  return store.exclusively(request, () => Effect.succeed({ ...change, erases: true }))
}

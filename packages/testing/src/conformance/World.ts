/**
 * A world of its own for one rule of the conformance suite: a tenant that nobody used before, so that rules can share one
 * database, and short ways to say what is committed and looked at.
 */
import { IdempotencyKey, IdGenerator, SessionStore } from "@holdfast/core"
import type {
  AuditEntry,
  Commit,
  CommitResult,
  EventType,
  IdempotencyRecord,
  LoadRequest,
  OrganizationSlug,
  Session,
  SessionEvent,
  SessionId,
  Tenant
} from "@holdfast/core"
import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { DateTime, Effect, Schema } from "effect"
import { at, makeId, makeSession } from "../Factories.ts"
import type { Stores } from "../Layers.ts"

/** The `it` of the suite. */
export type SuiteIt = Vitest.MethodsNonLive<Stores | IdGenerator>

/** A day in milliseconds: how long a record lives. */
export const day = 24 * 60 * 60_000

/** An idempotency key. */
export const key = Schema.decodeSync(IdempotencyKey)

/** Compares what two values say: times by their instant, objects whatever the order of their keys. */
export const same = (actual: unknown, expected: unknown, message?: string): void =>
  assert.deepStrictEqual(JSON.parse(JSON.stringify(actual)), JSON.parse(JSON.stringify(expected)), message)

/** A tenant that nobody used before. */
export const freshTenant: Effect.Effect<Tenant, never, IdGenerator> = Effect.gen(function* () {
  const environment = yield* (yield* IdGenerator).next("env")
  return { organization: `t-${environment.slice("env_".length)}` as OrganizationSlug, environment }
})

/** The language of the rules, for one tenant. */
export interface World {
  readonly store: SessionStore["Service"]
  readonly tenant: Tenant
  /** The same store as another tenant uses it. */
  readonly as: (tenant: Tenant) => World
  /** Session number `n`, as its creation would store it. */
  readonly session: (n: number, overrides?: Partial<Session>) => Session
  /** A record that claims a key for a session, made at time 0 unless said otherwise; it lives for a day. */
  readonly record: (name: string, session: SessionId, overrides?: Partial<IdempotencyRecord>) => IdempotencyRecord
  readonly event: (session: Session, type?: EventType) => SessionEvent
  readonly entry: <S extends SessionId | null>(
    session: S,
    overrides?: Partial<Omit<AuditEntry, "session">>
  ) => AuditEntry & { readonly session: S }
  /** The commit that makes a session. */
  readonly creation: (session: Session, overrides?: Partial<Commit>) => Commit
  /** The commit that changes a stored session. */
  readonly change: (stored: Session, patch?: Partial<Session>, overrides?: Partial<Commit>) => Commit
  /** The commit that stores an outcome and leaves the session as it is. */
  readonly unchanged: (stored: Session, overrides?: Partial<Commit>) => Commit
  /** Commits one change alone. */
  readonly commit: (commit: Commit) => Effect.Effect<CommitResult>
  /** Commits one change alone, as the redaction that it says. */
  readonly redact: (commit: Commit) => Effect.Effect<CommitResult>
  /** Stores a session and says so if that fails. */
  readonly given: (session: Session, overrides?: Partial<Commit>) => Effect.Effect<Session>
  /** The session as it is stored, or `null`. */
  readonly stored: (session: SessionId) => Effect.Effect<Session | null>
  /** The record that lives under a key at `now`, or `null`. */
  readonly held: (name: string, now?: number) => Effect.Effect<IdempotencyRecord | null>
  readonly load: (request: Partial<LoadRequest>) => ReturnType<SessionStore["Service"]["load"]>
  /** Everything there is about a session, to see whether something was left behind. */
  readonly everything: (session: SessionId) => Effect.Effect<unknown>
}

/** A world over the store under test. */
export const makeWorld: Effect.Effect<World, never, SessionStore | IdGenerator> = Effect.gen(function* () {
  return worldOf(yield* SessionStore, yield* freshTenant)
})

const worldOf = (store: SessionStore["Service"], tenant: Tenant): World => {
  let count = 0

  const entry: World["entry"] = (session, overrides = {}) => ({
    id: makeId("aud", ++count),
    at: at(0),
    action: "updateSession",
    apiKey: makeId("key", 1),
    requestId: "req_conformance",
    address: "2001:db8::1",
    ...overrides,
    session
  })

  const event = (session: Session, type: EventType = "session.updated"): SessionEvent => ({
    id: makeId("evt", ++count),
    session: session.id,
    revision: session.revision,
    type,
    changed: ["metadata", "externalRef"],
    at: session.updatedAt
  })

  const unchanged = (stored: Session, overrides: Partial<Commit> = {}): Commit => ({
    tenant,
    session: stored.id,
    expected: stored.revision,
    next: null,
    events: [],
    audit: entry(stored.id),
    record: null,
    erases: false,
    now: at(0),
    ...overrides
  })

  const creation = (session: Session, overrides: Partial<Commit> = {}): Commit =>
    unchanged(session, { expected: null, next: session, events: [event(session, "session.created")], ...overrides })

  const change = (stored: Session, patch: Partial<Session> = {}, overrides: Partial<Commit> = {}): Commit => {
    const next = { ...stored, revision: stored.revision + 1, ...patch }
    return unchanged(stored, { next, events: [event(next)], ...overrides })
  }

  const commit = (change: Commit) =>
    Effect.map(Effect.orDie(store.commit([change])), ([result]) => result ?? assert.fail("a commit without a result"))

  const load = (request: Partial<LoadRequest>) =>
    store.load({ tenant, session: makeId("ses", 0), key: null, event: null, now: at(0), ...request })

  return {
    store,
    tenant,
    as: (other) => worldOf(store, other),
    session: (n, overrides) => makeSession({ id: makeId("ses", n), environment: tenant.environment, ...overrides }),
    record: (name, session, overrides = {}) => {
      const createdAt = overrides.createdAt ?? at(0)
      return {
        key: key(name),
        operation: "updateSession",
        session,
        run: makeId("evt", ++count),
        body: { format: 1, keyVersion: "0a1b2c3d", fingerprint: `print of ${name}`, outcome: `{"of":"${name}"}` },
        createdAt,
        expiresAt: DateTime.add(createdAt, { milliseconds: day }),
        ...overrides
      }
    },
    event,
    entry,
    creation,
    change,
    unchanged,
    commit,
    redact: (change) => {
      const { now, record, session, tenant } = change
      const request = { tenant, session, key: record?.key ?? null, event: null, now }
      const decide = () => Effect.succeed({ ...change, erases: true })
      return Effect.map(
        Effect.orDie(store.exclusively(request, decide)),
        (result) => result ?? assert.fail("a commit without a result")
      )
    },
    given: (session, overrides) =>
      Effect.map(commit(creation(session, overrides)), (result) => {
        assert.strictEqual(result, "committed")
        return session
      }),
    stored: (session) => Effect.map(Effect.orDie(load({ session })), (loaded) => loaded.session),
    held: (name, now = 0) =>
      Effect.map(Effect.orDie(load({ key: key(name), now: at(now) })), (loaded) => loaded.record),
    load,
    everything: (session) =>
      Effect.orDie(
        Effect.zipWith(load({ session }), store.history(tenant, session), (loaded, history) => ({
          ...loaded,
          ...history
        }))
      )
  }
}

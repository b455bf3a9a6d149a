/**
 * The store port: what a database must do so that no update is lost and none is applied twice.
 *
 * It is small on purpose. The engine loads, decides without the database, and commits; a commit is one atomic step guarded
 * by the revision that was loaded and by the idempotency key. There is no lock to hold, no "in progress" row and nothing to
 * recover. Every adapter is held to the same behaviour by the conformance suite of `@holdfast/testing`.
 *
 * Every method but `ready` is bound to a tenant: what belongs to another does not exist. A member of a commit carries its own
 * time; a store decides nothing by a clock of its own.
 *
 * Every method settles within bounded time, of the order of five seconds: an adapter gives its calls time-outs, because a
 * commit that has begun is not interrupted. And a commit stands by itself: it is durable when it is answered, and takes no
 * part in a transaction that the calling fiber may have open.
 */
import { Context, Schema } from "effect"
import type { Array as NonEmpty, DateTime, Effect } from "effect"
import type { AuditEntry, LoneEntry, SessionEvent } from "../domain/Event.ts"
import type { IdempotencyKey, IdempotencyRecord } from "../domain/Idempotency.ts"
import type { EventId, SessionId } from "../domain/Ids.ts"
import type { Session } from "../domain/Session.ts"
import type { SessionStatus } from "../domain/SessionStatus.ts"
import type { Tenant } from "../domain/Tenant.ts"

/**
 * The store could not do what it was asked. `outcome` says what is known: `not_applied`, nothing was written; `unknown`, the
 * answer to a commit was lost and it must be looked up before anything is decided again.
 */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  outcome: Schema.Literals(["not_applied", "unknown"]),
  cause: Schema.Defect()
}) {}

/** What to load, in one round trip. */
export interface LoadRequest {
  readonly tenant: Tenant
  readonly session: SessionId
  /** The live record of this key comes in place of the session. */
  readonly key: IdempotencyKey | null
  /** Also which revision of the session this event made: how a commit whose answer was lost is found again. */
  readonly event: EventId | null
  /** Records that have expired by then are not there. */
  readonly now: DateTime.Utc
}

/** What was found. */
export interface Loaded {
  /** As stored: a lapse is not applied. `null` if there is none, or if a record was found: that is the answer, whatever came later. */
  readonly session: Session | null
  readonly record: IdempotencyRecord | null
  /** The revision that the event made; `null` if it was not asked for or never happened. */
  readonly eventRevision: number | null
}

/** A change to make durable, all of it or none. */
export interface Commit {
  readonly tenant: Tenant
  readonly session: SessionId
  /** The stored revision that was decided upon; `null`: the session must not exist yet. Checked even when `next` is `null`. */
  readonly expected: number | null
  /** The session to store; `null` leaves it as it is. */
  readonly next: Session | null
  /** One for each revision from `expected` + 1 to that of `next`. Their ids are nobody else's in the tenant. */
  readonly events: ReadonlyArray<SessionEvent>
  /**
   * What the audit trail keeps of it. A record never comes without an entry about its session: by that a redaction finds it. Nor is
   * there a commit without either event or entry.
   */
  readonly audit: AuditEntry | null
  /** The key to claim, for this session: it must be free, or its record expired at `now`, which is when this one is created. */
  readonly record: IdempotencyRecord | null
  /** A redaction also erases fingerprint and outcome of every other record of the session. Only `exclusively` can. */
  readonly erases: boolean
  /** The member's own time. */
  readonly now: DateTime.Utc
}

/**
 * What became of a commit. `committed`: all of it is durable. `stale`: the session has another revision. `duplicate`: the key
 * is taken. After either of these nothing was written.
 */
export type CommitResult = "committed" | "stale" | "duplicate"

/** A page of sessions to read, in the order of their ids. */
export interface ListRequest {
  readonly tenant: Tenant
  /** Only sessions in this status, as it is at `now`: one that has lapsed counts as `expired`. */
  readonly status: SessionStatus | null
  /** Only sessions with exactly this external reference. */
  readonly externalRef: string | null
  /** `older`: from the newest down. `newer`: from the oldest up. */
  readonly direction: "older" | "newer"
  /** Begin behind this session. */
  readonly from: SessionId | null
  /** At most this many. */
  readonly limit: number
  readonly now: DateTime.Utc
}

/** A page of sessions to read by number, newest first. A filter that is `null` lets everything through. */
export interface PageRequest {
  readonly tenant: Tenant
  /** Only sessions in this status, as it is at `now`: one that has lapsed counts as `expired`. */
  readonly status: SessionStatus | null
  /** Only sessions with exactly this external reference. */
  readonly externalRef: string | null
  /** Only the session with this id, and sessions with exactly this external reference. */
  readonly idOrExternalRef: string | null
  /** Only sessions with this tag. */
  readonly tag: string | null
  /** Only sessions created later than this. */
  readonly createdAfter: DateTime.Utc | null
  /** Only sessions created earlier than this. */
  readonly createdBefore: DateTime.Utc | null
  /** Pass over this many. */
  readonly offset: number
  /** At most this many. */
  readonly limit: number
  readonly now: DateTime.Utc
}

/** Durable sessions, and the idempotency records, events and audit entries that are written with them. */
export class SessionStore extends Context.Service<
  SessionStore,
  {
    /** One consistent look at a key, a session and an event. */
    readonly load: (request: LoadRequest) => Effect.Effect<Loaded, StoreError>

    /**
     * Makes each member of the batch durable or refuses it, each by itself: a stale or duplicate member never fails its
     * neighbours. Results are in the order of the batch. A batch that holds a session twice, or a key twice, is a defect, and
     * so is a member that erases.
     */
    readonly commit: (
      batch: NonEmpty.NonEmptyReadonlyArray<Commit>
    ) => Effect.Effect<ReadonlyArray<CommitResult>, StoreError>

    /**
     * Loads, decides and commits in one transaction that holds the session from the first look on: for a session that others
     * keep changing first, and for redactions, whose erasure must see every outcome that was stored before. `null` when
     * `decide` found nothing to commit; what it fails with undoes everything. It is called once, and does no more than decide:
     * others wait for it. A store in which nothing is held may answer `stale`.
     */
    readonly exclusively: <E>(
      request: LoadRequest,
      decide: (loaded: Loaded) => Effect.Effect<Commit | null, E>
    ) => Effect.Effect<CommitResult | null, E | StoreError>

    /** A page of sessions, in the request's direction. Lapses are not applied. */
    readonly list: (request: ListRequest) => Effect.Effect<ReadonlyArray<Session>, StoreError>

    /** A page of sessions by number, and how many there are in all, in one consistent look. Lapses are not applied. */
    readonly page: (
      request: PageRequest
    ) => Effect.Effect<{ readonly sessions: ReadonlyArray<Session>; readonly total: number }, StoreError>

    /**
     * Everything that happened to a session: its events by revision, and its audit entries by id. Of `null`: the audit entries
     * about no session.
     */
    readonly history: (
      tenant: Tenant,
      session: SessionId | null
    ) => Effect.Effect<
      { readonly events: ReadonlyArray<SessionEvent>; readonly audit: ReadonlyArray<AuditEntry> },
      StoreError
    >

    /** Adds an entry that belongs to no commit, and is about no session, to the audit trail: once per id. */
    readonly appendAudit: (tenant: Tenant, entry: LoneEntry) => Effect.Effect<void, StoreError>

    /** Sessions whose token ran out and whose lapse is not yet stored: at most `limit`. */
    readonly lapsed: (
      tenant: Tenant,
      now: DateTime.Utc,
      limit: number
    ) => Effect.Effect<ReadonlyArray<Session>, StoreError>

    /** Deletes at most `limit` records that have expired at `now`; says how many. A record claimed afresh is never deleted. */
    readonly sweep: (tenant: Tenant, now: DateTime.Utc, limit: number) => Effect.Effect<number, StoreError>

    /** Succeeds when the store can answer. */
    readonly ready: Effect.Effect<void, StoreError>
  }
>()("@holdfast/core/SessionStore") {}

/**
 * Throws (a defect) if a record comes without an audit entry, or either of them is about another session, and if nothing would be
 * said of the change.
 */
export const assertWhole = ({ audit, events, record, session }: Commit): void => {
  if (audit === null && events.length === 0) throw new Error("A commit that leaves no trace in the history")
  if (record !== null && (record.session !== session || audit?.session !== session)) {
    throw new Error("A record and its audit entry are not both about the session that is changed")
  }
}

/**
 * Throws (a defect) if a batch holds a session twice, a key twice, an erasure, or a change that is not whole: whoever batches sees
 * to it that it does not.
 */
export const assertBatch = (batch: ReadonlyArray<Commit>): void => {
  const seen = new Set<string>()
  for (const change of batch) {
    const { erases, record, session, tenant } = change
    if (erases) throw new Error("A batch holds a redaction")
    assertWhole(change)
    // Most batches of a caller are one change.
    if (batch.length === 1) return
    const owner = `${tenant.organization}/${tenant.environment}`
    for (const name of [`session ${owner}/${session}`, ...(record === null ? [] : [`key ${owner}/${record.key}`])]) {
      if (seen.has(name)) throw new Error("A batch holds a session or an idempotency key twice")
      seen.add(name)
    }
  }
}

/** The final state of a history, read through the store port: so any store, an embedder's own too, can be checked. */
import { SessionStore } from "@holdfast/core"
import type { IdempotencyKey, Session, SessionId, StoreError, Tenant } from "@holdfast/core"
import { DateTime, Effect } from "effect"
import type { Call, FinalEvent, FinalRecord, FinalState, Owner, SeenSession } from "./History.ts"
import { seen } from "./Recorder.ts"

const pageSize = 1_000

/** Any session's id: a record is found by its key alone. */
const noSession = `ses_${"0".repeat(26)}` as SessionId

/**
 * What stands in the store now of everything that these calls can have touched: all sessions of their owners with their
 * events, and the records of their keys that have not expired. To be read when nobody writes any more; the owners must be the
 * history's alone.
 */
export const finalState = Effect.fnUntraced(function* (
  calls: ReadonlyArray<Call>
): Effect.fn.Return<FinalState, StoreError, SessionStore> {
  const store = yield* SessionStore
  const now = yield* DateTime.now
  const sessions: Array<Owner & SeenSession> = []
  const events: Array<FinalEvent> = []
  const records: Array<FinalRecord> = []
  const keysByOwner = new Map<string, { readonly tenant: Tenant; readonly keys: Set<IdempotencyKey> }>()
  for (const { environment, key, organization } of calls) {
    const name = `${organization}/${environment}`
    const tenant = { organization, environment } as Tenant
    const found = keysByOwner.get(name) ?? { tenant, keys: new Set() }
    keysByOwner.set(name, found)
    if (key !== null) found.keys.add(key as IdempotencyKey)
  }
  for (const { keys, tenant } of keysByOwner.values()) {
    for (const session of yield* allSessions(store, tenant, now)) {
      sessions.push({ ...tenant, ...seen(session) })
      for (const { id, revision, type } of (yield* store.history(tenant, session.id)).events) {
        events.push({ ...tenant, id, session: session.id, revision, type })
      }
    }
    for (const key of keys) {
      const { record } = yield* store.load({ tenant, session: noSession, key, event: null, now })
      if (record === null) continue
      const { body, run, session } = record
      records.push({ ...tenant, key, session, run, erased: body === null })
    }
  }
  return { sessions, events, records }
})

const allSessions = Effect.fnUntraced(function* (store: SessionStore["Service"], tenant: Tenant, now: DateTime.Utc) {
  const all: Array<Session> = []
  const filter = { tenant, status: null, externalRef: null, direction: "newer", limit: pageSize, now } as const
  let page: ReadonlyArray<Session>
  do {
    page = yield* store.list({ ...filter, from: all.at(-1)?.id ?? null })
    all.push(...page)
  } while (page.length === pageSize)
  return all
})

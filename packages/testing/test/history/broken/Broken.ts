/** How a server is broken: by something put between the library and its store, or before the library. */
import { SessionStore, Sessions } from "@holdfast/core"
import type { Commit, CommitResult, IdempotencyRecord, StoreError } from "@holdfast/core"
import type { Server } from "@holdfast/testing"
import { Effect, Layer } from "effect"

type Store = SessionStore["Service"]

/** A server over a store of which some methods are others. `change` is called once for each process. */
export const serverOver = (change: (store: Store) => Partial<Store>): Server =>
  Layer.provide(
    Sessions.layer,
    Layer.effect(
      SessionStore,
      Effect.map(SessionStore, (store) => ({ ...store, ...change(store) }))
    )
  )

/** A server that answers some requests itself. */
export const serverBefore = (change: (sessions: Sessions["Service"]) => Partial<Sessions["Service"]>): Server =>
  Layer.provide(
    Layer.effect(
      Sessions,
      Effect.map(Sessions, (sessions) => ({ ...sessions, ...change(sessions) }))
    ),
    Sessions.layer
  )

/** A `commit` that does something else with each member. The engine commits one at a time. */
export const commitEach =
  (commitOne: (change: Commit) => Effect.Effect<CommitResult, StoreError>): Store["commit"] =>
  (batch) =>
    Effect.forEach(batch, commitOne)

/** Commits one change. */
export const commitOne = (store: Store, change: Commit): Effect.Effect<CommitResult, StoreError> =>
  Effect.map(store.commit([change]), ([result]) => result ?? "stale")

/** The revision that stands in the store. */
export const revisionOf = (store: Store, { now, session, tenant }: Commit): Effect.Effect<number | null, StoreError> =>
  Effect.map(store.load({ tenant, session, key: null, event: null, now }), ({ session }) => session?.revision ?? null)

/** Writes a part of a change in a transaction of its own, whatever the session's revision is by now. */
export const commitApart = Effect.fnUntraced(function* (
  store: Store,
  change: Commit,
  part: { readonly record?: IdempotencyRecord | null; readonly events?: Commit["events"] }
): Effect.fn.Return<void, StoreError> {
  yield* Effect.yieldNow
  const apart: Commit = {
    ...change,
    next: null,
    events: [],
    record: null,
    audit: part.record ? change.audit : null,
    ...part
  }
  let result: CommitResult = "stale"
  while (result === "stale") {
    const expected = yield* revisionOf(store, change)
    result = yield* commitOne(store, { ...apart, expected })
  }
})

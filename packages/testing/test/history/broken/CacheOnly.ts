/** Outcomes are kept in the memory of the process, and nowhere else. */
import type { IdempotencyRecord } from "@holdfast/core"
import { Effect } from "effect"
import { commitEach, commitOne, serverOver } from "./Broken.ts"

export const cacheOnly = serverOver((store) => {
  const cache = new Map<string, IdempotencyRecord>()
  return {
    load: (request) =>
      Effect.map(store.load(request), (loaded) => ({
        ...loaded,
        record: cache.get(`${request.tenant.organization}/${request.key}`) ?? null
      })),
    commit: commitEach((change) =>
      Effect.tap(commitOne(store, { ...change, record: null }), (result) =>
        Effect.sync(() => {
          if (result !== "committed" || change.record === null) return
          cache.set(`${change.tenant.organization}/${change.record.key}`, change.record)
        })
      )
    )
  }
})

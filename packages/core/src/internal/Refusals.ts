/**
 * Refusals in the audit trail: that a known key was turned away, at most once per key, reason and minute (contract §9), so that
 * a client in a loop fills no table. The entry's id is derived from these three, and the store keeps an id once.
 */
import { DateTime, Effect } from "effect"
import { createHash } from "node:crypto"
import type { AuditId, ApiKeyId } from "../domain/Ids.ts"
import type { Tenant } from "../domain/Tenant.ts"
import { SessionStore } from "../store/SessionStore.ts"
import { describe } from "./Available.ts"
import { ulid } from "./ulid.ts"

/** Why a known key was turned away. */
export type RefusalReason = "expired" | "revoked" | "wrong_secret" | "address" | "insufficient_scope"

/** A refusal to note. */
export interface RefusedRequest {
  readonly tenant: Tenant
  readonly apiKey: ApiKeyId
  readonly reason: RefusalReason
  readonly requestId: string
  readonly address: string | null
}

const minute = 60_000
const maxRemembered = 10_000

/**
 * Notes refusals, for as long as the scope lives, while the request goes on: how long a refusal takes tells nothing. A trail
 * that cannot be written is logged and refuses nobody.
 */
export const makeRefusals = Effect.gen(function* () {
  const store = yield* SessionStore
  const scope = yield* Effect.scope
  const noted = new Map<string, number>()

  const append = Effect.fnUntraced(function* (refused: RefusedRequest, name: string, since: number, now: DateTime.Utc) {
    const id = `aud_${ulid(since, createHash("sha256").update(name).digest().subarray(0, 10))}` as AuditId
    yield* store
      .appendAudit(refused.tenant, {
        id,
        at: now,
        action: `refused.${refused.reason}`,
        session: null,
        apiKey: refused.apiKey,
        requestId: refused.requestId,
        address: refused.address
      })
      .pipe(
        Effect.catch((error) => Effect.logWarning("A refusal could not be noted in the audit trail", describe(error)))
      )
  })

  return Effect.fnUntraced(function* (refused: RefusedRequest) {
    const now = yield* DateTime.now
    const since = Math.floor(DateTime.toEpochMillis(now) / minute) * minute
    const name = `${refused.apiKey}/${refused.reason}`
    if (noted.get(name) === since) return
    if (noted.size >= maxRemembered) noted.clear()
    noted.set(name, since)
    yield* Effect.forkIn(append(refused, name, since, now), scope, { startImmediately: true })
  })
})

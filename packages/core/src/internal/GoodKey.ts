/** A stored API key one of whose secrets was presented, and whether it still opens anything (contract §1). */
import { DateTime } from "effect"
import type { Identity } from "../Caller.ts"
import type { StoredApiKey } from "../domain/ApiKey.ts"
import type { RefusalReason } from "./Refusals.ts"

/** Which of a key's two secrets was presented. */
export interface SecretMatch {
  readonly current: boolean
  readonly previous: boolean
}

/** A key with one of its secrets, and whom it stands for. Good at a moment: `fault` says whether it still is. */
export interface GoodKey {
  readonly key: StoredApiKey
  readonly matched: SecretMatch
  readonly isAllowed: (address: string) => boolean
  readonly identity: Identity
}

/** Why a key is not good at a moment, in milliseconds; `null` if it is. */
export const fault = (
  { isAllowed, key, matched }: GoodKey,
  address: string | null,
  now: number
): RefusalReason | null => {
  const overlap = key.previous !== null && now < DateTime.toEpochMillis(key.previous.until)
  if (!matched.current && !(matched.previous && overlap)) return "wrong_secret"
  if (key.revokedAt !== null) return "revoked"
  if (key.expiresAt !== null && DateTime.toEpochMillis(key.expiresAt) <= now) return "expired"
  return key.allowList.length === 0 || (address !== null && isAllowed(address)) ? null : "address"
}

/** Whom a key stands for. */
export const identityOf = (key: StoredApiKey): Identity => ({
  organization: key.organization,
  environment: key.environment,
  kind: key.kind,
  scopes: new Set(key.scopes),
  apiKey: key.id,
  version: key.version,
  inflection: key.inflection
})

/** What a client wants: one request, to be sent until it is answered. */
import type { Json, Owner } from "@holdfast/testing"

/** An owner of sessions, and the API key to ask in its name. */
export interface Tenant extends Owner {
  readonly apiKey: string
}

/** One request. */
export interface Ask {
  readonly tenant: Tenant
  readonly operation: "createSession" | "updateSession" | "redactSession"
  /** `null` for a creation. */
  readonly session: string | null
  /** `null`: without an idempotency key, and so sent only once. */
  readonly key: string | null
  readonly input: { readonly [name: string]: Json }
}

/** Names the key among all owners; `null` if there is none. */
export const keyOf = ({ key, tenant }: Ask): string | null =>
  key === null ? null : `${tenant.organization}/${tenant.environment}/${key}`

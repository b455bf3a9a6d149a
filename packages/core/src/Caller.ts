/**
 * The caller: who asks, on whose behalf, and with which rights. A facade makes one per request; every operation takes it as
 * its first argument, and it alone decides which tenant is touched.
 */
import { Effect } from "effect"
import type { KeyInflection } from "./domain/ApiKey.ts"
import type { ApiKeyId } from "./domain/Ids.ts"
import { Scope } from "./domain/Scope.ts"
import type { EnvironmentKind, Organization, Tenant } from "./domain/Tenant.ts"
import { Forbidden } from "./Errors.ts"

/** Who asks, before a request is known: what an {@link Authenticator} finds out. */
export interface Identity extends Tenant {
  /** Which of the organization's environments it is. */
  readonly kind: EnvironmentKind
  /** What the caller may do. */
  readonly scopes: ReadonlySet<Scope>
  /** The API key used; `null` where callers are not authenticated by our keys. */
  readonly apiKey: ApiKeyId | null
  /** The API version pinned to the key. */
  readonly version: string | null
  /** The key's default inflection. */
  readonly inflection: KeyInflection | null
}

/** Who asks, in which request. */
export interface Caller extends Identity {
  /** Identifier of the request, for the log and the audit trail. */
  readonly requestId: string
  /** Address of the client, normalised. */
  readonly address: string | null
}

/**
 * A caller for code that is trusted, such as a job in your own program: it may do everything in one environment of an
 * organization, unless something else is given.
 *
 * @example
 * const { organization } = yield* apiKeys.ensureOrganization("acme")
 * const caller = callerFor(organization, "live", { requestId: jobId })
 */
export const callerFor = (
  organization: Organization,
  kind: EnvironmentKind,
  given: Partial<Pick<Caller, "scopes" | "requestId" | "address">> = {}
): Caller => ({
  organization: organization.slug,
  environment: organization[kind],
  kind,
  scopes: new Set(Scope.literals),
  apiKey: null,
  version: null,
  inflection: null,
  requestId: "internal",
  address: null,
  ...given
})

/** Fails with `Forbidden`, naming the scope, unless the caller has it. */
export const requireScope = (caller: Identity, scope: Scope): Effect.Effect<void, Forbidden> =>
  caller.scopes.has(scope)
    ? Effect.void
    : Effect.fail(new Forbidden({ code: "insufficient_scope", requiredScope: scope }))

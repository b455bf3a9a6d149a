/**
 * The store port for organizations and API keys. Looking a key up by its id is the one read that is bound to no tenant:
 * it is how a tenant is found.
 */
import { Context } from "effect"
import type { DateTime, Effect } from "effect"
import type { StoredApiKey } from "../domain/ApiKey.ts"
import type { ApiKeyId } from "../domain/Ids.ts"
import type { Organization, OrganizationSlug, Tenant } from "../domain/Tenant.ts"
import type { StoreError } from "./SessionStore.ts"

/** Durable organizations and API keys. */
export class ApiKeyStore extends Context.Service<
  ApiKeyStore,
  {
    /** Every organization, by slug. */
    readonly organizations: Effect.Effect<ReadonlyArray<Organization>, StoreError>
    /** The organization of that name, or `null`. */
    readonly findOrganization: (slug: OrganizationSlug) => Effect.Effect<Organization | null, StoreError>
    /** Adds the organization unless one of that name exists; answers the one that is there afterwards. */
    readonly ensureOrganization: (organization: Organization) => Effect.Effect<Organization, StoreError>
    /** Adds a key. */
    readonly insert: (key: StoredApiKey) => Effect.Effect<void, StoreError>
    /** The key with this id, whoever owns it, or `null`. */
    readonly find: (id: ApiKeyId) => Effect.Effect<StoredApiKey | null, StoreError>
    /** The keys of a tenant, newest first. */
    readonly list: (tenant: Tenant) => Effect.Effect<ReadonlyArray<StoredApiKey>, StoreError>
    /** Gives a key another secret; the one it had stays good until `previous.until`. The key as it is then, or `null`. */
    readonly rotate: (
      tenant: Tenant,
      id: ApiKeyId,
      secret: StoredApiKey["secret"],
      previousUntil: DateTime.Utc
    ) => Effect.Effect<StoredApiKey | null, StoreError>
    /** Revokes a key; the first revocation counts. The key as it is then, or `null`. */
    readonly revoke: (tenant: Tenant, id: ApiKeyId, at: DateTime.Utc) => Effect.Effect<StoredApiKey | null, StoreError>
    /** Notes that a key was used. */
    readonly touch: (tenant: Tenant, id: ApiKeyId, at: DateTime.Utc) => Effect.Effect<void, StoreError>
  }
>()("@holdfast/core/ApiKeyStore") {}

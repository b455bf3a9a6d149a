/**
 * The store of organizations and API keys on PostgreSQL. A key is one JSON text; a change takes its row, reads it and writes it in
 * one transaction.
 */
import { Effect } from "effect"
import type { StoredApiKey } from "../domain/ApiKey.ts"
import type { ApiKeyId } from "../domain/Ids.ts"
import type { Organization, Tenant } from "../domain/Tenant.ts"
import { apiKeyText } from "../internal/ApiKeyText.ts"
import { apiKeyRow, organizationRow, readOrganization } from "../sql/Rows.ts"
import type { OrganizationRow } from "../sql/Rows.ts"
import * as shared from "../sql/Statements.ts"
import type { ApiKeyStore } from "../store/ApiKeyStore.ts"
import type { StoreError } from "../store/SessionStore.ts"
import { decoded } from "./Access.ts"
import type { Access } from "./Access.ts"
import * as sql from "./Statements.ts"

/** The store over a database that is up to date. */
export const makeApiKeyStore = ({ read, transaction, write }: Access): ApiKeyStore["Service"] => {
  const change = (
    { environment, organization }: Tenant,
    id: ApiKeyId,
    next: (key: StoredApiKey) => StoredApiKey
  ): Effect.Effect<StoredApiKey | null, StoreError> =>
    transaction((run) =>
      Effect.gen(function* () {
        const found = yield* run(sql.lockApiKey, { organization, environment, id })
        const [key] = yield* decoded(() => keysOf(found.rows))
        if (key === undefined) return null
        const changed = next(key)
        yield* run(shared.updateApiKey, apiKeyRow(changed))
        return changed
      })
    )

  const findOrganization = (slug: string) =>
    read(shared.findOrganization, { slug }, (rows) => organizationsOf(rows)[0] ?? null)

  return {
    organizations: read(shared.organizations, {}, organizationsOf),
    findOrganization: Effect.fn("ApiKeyStore.findOrganization")(findOrganization),
    ensureOrganization: Effect.fn("ApiKeyStore.ensureOrganization")((organization) =>
      write(shared.insertOrganization, organizationRow(organization)).pipe(
        Effect.andThen(findOrganization(organization.slug)),
        Effect.map((found) => found ?? organization)
      )
    ),
    insert: Effect.fn("ApiKeyStore.insert")((key) => Effect.asVoid(write(shared.insertApiKey, apiKeyRow(key)))),
    find: Effect.fn("ApiKeyStore.find")((id) => read(shared.findApiKey, { id }, (rows) => keysOf(rows)[0] ?? null)),
    list: Effect.fn("ApiKeyStore.list")(({ environment, organization }) =>
      read(shared.listApiKeys, { organization, environment }, keysOf)
    ),
    rotate: Effect.fn("ApiKeyStore.rotate")((tenant, id, secret, until) =>
      change(tenant, id, (key) => ({ ...key, secret, previous: { ...key.secret, until } }))
    ),
    revoke: Effect.fn("ApiKeyStore.revoke")((tenant, id, at) =>
      change(tenant, id, (key) => ({ ...key, revokedAt: key.revokedAt ?? at }))
    ),
    touch: Effect.fn("ApiKeyStore.touch")((tenant, id, at) =>
      Effect.asVoid(change(tenant, id, (key) => ({ ...key, lastUsedAt: at })))
    )
  }
}

const keysOf = (found: ReadonlyArray<object>): ReadonlyArray<StoredApiKey> =>
  found.map((row) => apiKeyText.read((row as { readonly data: string }).data))

const organizationsOf = (found: ReadonlyArray<object>): ReadonlyArray<Organization> =>
  found.map((row) => readOrganization(row as OrganizationRow))

/** The store of organizations and API keys on SQLite. A key is one JSON text; a change reads it and writes it in one transaction. */
import { Effect } from "effect"
import type { StoredApiKey } from "../domain/ApiKey.ts"
import type { ApiKeyId } from "../domain/Ids.ts"
import type { Organization, Tenant } from "../domain/Tenant.ts"
import { apiKeyText } from "../internal/ApiKeyText.ts"
import { apiKeyRow, organizationRow, readOrganization } from "../sql/Rows.ts"
import type { OrganizationRow } from "../sql/Rows.ts"
import type { ApiKeyStore } from "../store/ApiKeyStore.ts"
import type { StoreError } from "../store/SessionStore.ts"
import type { Access, Ask } from "./Access.ts"
import * as sql from "../sql/Statements.ts"

/** The store over a database that is up to date. */
export const makeApiKeyStore = ({ read, write }: Access): ApiKeyStore["Service"] => {
  const change = (
    { environment, organization }: Tenant,
    id: ApiKeyId,
    next: (key: StoredApiKey) => StoredApiKey
  ): Effect.Effect<StoredApiKey | null, StoreError> =>
    write((ask) => {
      const key = keyOf(ask.first(sql.ownApiKey, { organization, environment, id }))
      if (key === null) return null
      const changed = next(key)
      ask.run(sql.updateApiKey, apiKeyRow(changed))
      return changed
    })

  return {
    organizations: read((ask) => ask.all(sql.organizations, {}).map((row) => readOrganization(row as OrganizationRow))),
    findOrganization: Effect.fn("ApiKeyStore.findOrganization")((slug) => read((ask) => organizationOf(ask, slug))),
    ensureOrganization: Effect.fn("ApiKeyStore.ensureOrganization")((organization) =>
      write((ask) => {
        ask.run(sql.insertOrganization, organizationRow(organization))
        return organizationOf(ask, organization.slug) ?? organization
      })
    ),
    insert: Effect.fn("ApiKeyStore.insert")((key) => write((ask) => void ask.run(sql.insertApiKey, apiKeyRow(key)))),
    find: Effect.fn("ApiKeyStore.find")((id) => read((ask) => keyOf(ask.first(sql.findApiKey, { id })))),
    list: Effect.fn("ApiKeyStore.list")(({ environment, organization }) =>
      read((ask) => ask.all(sql.listApiKeys, { organization, environment }).flatMap((row) => keyOf(row) ?? []))
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

const keyOf = (row: object | undefined): StoredApiKey | null =>
  row === undefined ? null : apiKeyText.read((row as { readonly data: string }).data)

const organizationOf = (ask: Ask, slug: string): Organization | null => {
  const row = ask.first(sql.findOrganization, { slug })
  return row === undefined ? null : readOrganization(row as OrganizationRow)
}

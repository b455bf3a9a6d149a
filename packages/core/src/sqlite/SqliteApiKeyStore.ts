/** The store of organizations and API keys on SQLite. A key is one JSON text; a change reads it and writes it in one transaction. */
import { Effect } from "effect"
import type { StoredApiKey } from "../domain/ApiKey.ts"
import type { ApiKeyId } from "../domain/Ids.ts"
import type { Organization, Tenant } from "../domain/Tenant.ts"
import { apiKeyText } from "../internal/Stored.ts"
import { apiKeyRow, organizationRow, readOrganization } from "../sql/Rows.ts"
import type { OrganizationRow } from "../sql/Rows.ts"
import type { ApiKeyStore } from "../store/ApiKeyStore.ts"
import type { StoreError } from "../store/SessionStore.ts"
import type { Access, Prepare } from "./Access.ts"
import * as sql from "../sql/Statements.ts"

/** The store over a database that is up to date. */
export const makeApiKeyStore = ({ read, write }: Access): ApiKeyStore["Service"] => {
  const change = (
    { environment, organization }: Tenant,
    id: ApiKeyId,
    next: (key: StoredApiKey) => StoredApiKey
  ): Effect.Effect<StoredApiKey | null, StoreError> =>
    write((prepare) => {
      const key = keyOf(prepare(sql.ownApiKey).get({ organization, environment, id }))
      if (key === null) return null
      const changed = next(key)
      prepare(sql.updateApiKey).run(apiKeyRow(changed))
      return changed
    })

  return {
    organizations: read((prepare) =>
      prepare(sql.organizations)
        .all()
        .map((row) => readOrganization(row as OrganizationRow))
    ),
    findOrganization: Effect.fn("ApiKeyStore.findOrganization")((slug) =>
      read((prepare) => organizationOf(prepare, slug))
    ),
    ensureOrganization: Effect.fn("ApiKeyStore.ensureOrganization")((organization) =>
      write((prepare) => {
        prepare(sql.insertOrganization).run(organizationRow(organization))
        return organizationOf(prepare, organization.slug) ?? organization
      })
    ),
    insert: Effect.fn("ApiKeyStore.insert")((key) =>
      write((prepare) => void prepare(sql.insertApiKey).run(apiKeyRow(key)))
    ),
    find: Effect.fn("ApiKeyStore.find")((id) => read((prepare) => keyOf(prepare(sql.findApiKey).get({ id })))),
    list: Effect.fn("ApiKeyStore.list")(({ environment, organization }) =>
      read((prepare) =>
        prepare(sql.listApiKeys)
          .all({ organization, environment })
          .flatMap((row) => keyOf(row) ?? [])
      )
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

const organizationOf = (prepare: Prepare, slug: string): Organization | null => {
  const row = prepare(sql.findOrganization).get({ slug })
  return row === undefined ? null : readOrganization(row as OrganizationRow)
}

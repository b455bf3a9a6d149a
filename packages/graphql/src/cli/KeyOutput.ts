/** How keys are shown: as a table to people, as JSON to scripts. A key's secret is shown when it is made, and then never. */
import type { ApiKey } from "@holdfast/core"
import { DateTime, Redacted } from "effect"

const time = (at: DateTime.Utc | null): string | null => (at === null ? null : DateTime.formatIso(at))

/** What a script gets of a key. */
export const toJson = (key: ApiKey, secret?: Redacted.Redacted<string>): string =>
  JSON.stringify(describe(key, secret), null, 2)

/** What a script gets of a list of keys. */
export const listToJson = (keys: ReadonlyArray<ApiKey>): string =>
  JSON.stringify(
    keys.map((key) => describe(key)),
    null,
    2
  )

const describe = (key: ApiKey, secret?: Redacted.Redacted<string>) => ({
  id: key.id,
  ...(secret === undefined ? {} : { key: Redacted.value(secret) }),
  organization: key.organization,
  environment: key.kind,
  environmentId: key.environment,
  label: key.label,
  scopes: key.scopes,
  apiVersion: key.version,
  inflection: key.inflection,
  allow: key.allowList,
  createdAt: time(key.createdAt),
  expiresAt: time(key.expiresAt),
  revokedAt: time(key.revokedAt),
  lastUsedAt: time(key.lastUsedAt)
})

const state = (key: ApiKey, now: DateTime.Utc): string => {
  if (key.revokedAt !== null) return "revoked"
  return key.expiresAt !== null && DateTime.isLessThanOrEqualTo(key.expiresAt, now) ? "expired" : "active"
}

/** A table with a line for each key. */
export const toTable = (keys: ReadonlyArray<ApiKey>, now: DateTime.Utc): string => {
  const rows = keys.map((key) => [
    key.id,
    key.kind,
    state(key, now),
    time(key.createdAt) ?? "",
    time(key.lastUsedAt) ?? "never",
    key.scopes.join(","),
    // A label is somebody's text: it must not reach the terminal as commands.
    key.label.replaceAll(/\p{Cc}/gu, " ")
  ])
  const table = [["ID", "ENVIRONMENT", "STATE", "CREATED", "LAST USED", "SCOPES", "LABEL"], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

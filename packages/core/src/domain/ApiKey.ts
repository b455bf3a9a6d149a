/**
 * API keys: the form in which they travel, and what is kept of them (contract §1).
 *
 * A key reads `vk_sandbox_<id>_<secret><checksum>`: the environment, the suffix of the key's id (26 characters), 256 random
 * bits in base62 (43 characters) and a CRC-32 of all before it in base62 (6 characters). The checksum lets a client find a
 * typo, and a scanner a leaked key, without asking anybody. Only a keyed hash of the secret is kept.
 */
import { Schema } from "effect"
import { crc32 } from "node:zlib"
import { base62 } from "../internal/base62.ts"
import { AddressRange } from "./AllowList.ts"
import { ApiKeyId, EnvironmentId } from "./Ids.ts"
import { Scope } from "./Scope.ts"
import { EnvironmentKind, OrganizationSlug } from "./Tenant.ts"

/** How a caller wants the keys of answers to be written. */
export const KeyInflection = Schema.Literals(["snake", "camel", "kebab"])
/** How a caller wants the keys of answers to be written. */
export type KeyInflection = typeof KeyInflection.Type

/** A keyed hash of a secret, and the version of the server secret that it was made with. */
export const SecretHash = Schema.Struct({
  keyVersion: Schema.String,
  hash: Schema.String
})

/** What is known of an API key. The secret is not: it was shown once. */
export const ApiKey = Schema.Struct({
  id: ApiKeyId,
  organization: OrganizationSlug,
  environment: EnvironmentId,
  kind: EnvironmentKind,
  /** What it is for, in its creator's words. */
  label: Schema.String,
  scopes: Schema.Array(Scope),
  /** The API version that its callers get unless they ask for another; `null` follows the current one. */
  version: Schema.NullOr(Schema.String),
  /** How answers to it are written unless the caller asks otherwise. */
  inflection: Schema.NullOr(KeyInflection),
  /** Addresses and networks it may be used from; empty means any. */
  allowList: Schema.Array(AddressRange),
  createdAt: Schema.DateTimeUtc,
  expiresAt: Schema.NullOr(Schema.DateTimeUtc),
  revokedAt: Schema.NullOr(Schema.DateTimeUtc),
  /** When it was last used, to the minute. */
  lastUsedAt: Schema.NullOr(Schema.DateTimeUtc)
})
/** What is known of an API key. */
export interface ApiKey extends Schema.Schema.Type<typeof ApiKey> {}

/** An API key as the store keeps it: with the hash of its secret and, after a rotation, of the one it replaced. */
export const StoredApiKey = Schema.Struct({
  ...ApiKey.fields,
  secret: SecretHash,
  previous: Schema.NullOr(Schema.Struct({ ...SecretHash.fields, until: Schema.DateTimeUtc }))
})
/** An API key as the store keeps it. */
export interface StoredApiKey extends Schema.Schema.Type<typeof StoredApiKey> {}

/** The parts of a key that a caller presented. */
export interface PresentedKey {
  readonly id: ApiKeyId
  readonly kind: EnvironmentKind
  readonly secret: string
}

/** The key's first part, safe to log and to show: it names the key and opens nothing. */
export const displayPrefix = (key: { readonly id: ApiKeyId; readonly kind: EnvironmentKind }): string =>
  `vk_${key.kind}_${key.id.slice("key_".length)}`

/** The text of a key for a secret of 32 random bytes. */
export const formatKey = (
  key: { readonly id: ApiKeyId; readonly kind: EnvironmentKind },
  random: Uint8Array
): string => {
  const body = `${displayPrefix(key)}_${base62(random, 43)}`
  return body + checksum(body)
}

const form = /^vk_(live|sandbox)_([0-7][0-9a-hjkmnp-tv-z]{25})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/

/** The parts of a well-formed key, or `undefined` for anything else, a key with a typo included. */
export const parseApiKey = (text: string): PresentedKey | undefined => {
  const match = form.exec(text)
  if (match === null) return undefined
  const [, kind, suffix, secret, sum] = match
  if (checksum(text.slice(0, -6)) !== sum) return undefined
  return { id: `key_${suffix}` as ApiKeyId, kind: kind as EnvironmentKind, secret: secret as string }
}

const checksum = (text: string): string => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, crc32(text))
  return base62(bytes, 6)
}

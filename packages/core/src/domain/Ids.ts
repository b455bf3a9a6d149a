/**
 * Identifiers: a prefix that says what it names, and 26 characters that sort by time and cannot be guessed.
 *
 * The 26 characters are a lower-case ULID: 48 bits of Unix milliseconds and 80 random bits in Crockford's base32. They
 * sort the same in every collation (contract §2). An id with another prefix, or of another form, is not looked up.
 */
import { Schema } from "effect"

const id = (prefix: string) =>
  Schema.String.check(Schema.isPattern(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`)))

/** Identifier of a session: `ses_…`. */
export const SessionId = id("ses").pipe(Schema.brand("SessionId"))
/** Identifier of a session: `ses_…`. */
export type SessionId = typeof SessionId.Type

/** Identifier of an environment: `env_…`. */
export const EnvironmentId = id("env").pipe(Schema.brand("EnvironmentId"))
/** Identifier of an environment: `env_…`. */
export type EnvironmentId = typeof EnvironmentId.Type

/** Identifier of an API key: `key_…`. It is not secret. */
export const ApiKeyId = id("key").pipe(Schema.brand("ApiKeyId"))
/** Identifier of an API key: `key_…`. It is not secret. */
export type ApiKeyId = typeof ApiKeyId.Type

/** Identifier of an event: `evt_…`. */
export const EventId = id("evt").pipe(Schema.brand("EventId"))
/** Identifier of an event: `evt_…`. */
export type EventId = typeof EventId.Type

/** Identifier of an entry of the audit trail: `aud_…`. */
export const AuditId = id("aud").pipe(Schema.brand("AuditId"))
/** Identifier of an entry of the audit trail: `aud_…`. */
export type AuditId = typeof AuditId.Type

/**
 * Tenancy: who owns a session. An organization owns everything and has two environments, `live` and `sandbox`, that are
 * fully apart; the pair leads every primary key and is bound by every statement (contract §1).
 */
import { Schema } from "effect"
import { EnvironmentId } from "./Ids.ts"

/** Name of an organization: 1 to 63 of `a-z`, `0-9` and `-`. */
export const OrganizationSlug = Schema.String.check(Schema.isPattern(/^[a-z0-9-]{1,63}$/)).pipe(
  Schema.brand("OrganizationSlug")
)
/** Name of an organization: 1 to 63 of `a-z`, `0-9` and `-`. */
export type OrganizationSlug = typeof OrganizationSlug.Type

/** Which of an organization's two environments. */
export const EnvironmentKind = Schema.Literals(["live", "sandbox"])
/** Which of an organization's two environments. */
export type EnvironmentKind = typeof EnvironmentKind.Type

/** The owner of a session: what a caller can see is what belongs to exactly this pair. */
export interface Tenant {
  readonly organization: OrganizationSlug
  readonly environment: EnvironmentId
}

/** An organization and its two environments. */
export const Organization = Schema.Struct({
  slug: OrganizationSlug,
  live: EnvironmentId,
  sandbox: EnvironmentId,
  createdAt: Schema.DateTimeUtc
})
/** An organization and its two environments. */
export type Organization = typeof Organization.Type

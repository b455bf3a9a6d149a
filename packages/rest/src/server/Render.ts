/**
 * How a session looks over the wire (contract §2): the newest shape in snake case, then the version that is spoken, then the
 * casing that is wanted.
 */
import { inflect } from "@holdfast/core"
import type { Json, JsonObject, KeyInflection, Session } from "@holdfast/core"
import { DateTime } from "effect"

/** The newest shape of a session. What is internal stays inside. */
export const renderSession = (session: Session, captureUrl: string | null): JsonObject => ({
  id: session.id,
  status: session.status,
  is_sandbox: session.isSandbox,
  environment: session.environment,
  created_at: DateTime.formatIso(session.createdAt),
  updated_at: DateTime.formatIso(session.updatedAt),
  external_ref: session.externalRef,
  metadata: session.metadata,
  country: session.country,
  checks: session.checks,
  workflow_id: session.workflowId,
  redirect_url: session.redirectUrl,
  document_type: session.documentType,
  retention_status: session.retentionStatus,
  processing_attempts: session.processingAttempts,
  consent_ip: session.consentIp,
  capture_url: captureUrl,
  token_expires_at: session.tokenExpiresAt && DateTime.formatIso(session.tokenExpiresAt),
  case_id: session.caseId,
  case_status: session.caseStatus,
  tags: session.tags,
  revision: session.revision
})

/** The keys of snake case in another casing, found once. They are the contract's own, so there are few. */
const renamed: Record<Exclude<KeyInflection, "snake">, Map<string, string>> = { camel: new Map(), kebab: new Map() }

const rename = (name: string, inflection: Exclude<KeyInflection, "snake">): string => {
  const names = renamed[inflection]
  let found = names.get(name)
  if (found === undefined) names.set(name, (found = inflect(name, inflection)))
  return found
}

/** The value with its keys in the wanted casing. What callers own, the inside of `metadata`, stays as it is (contract §8). */
export const inflectKeys = (value: Json, inflection: KeyInflection): Json => {
  if (inflection === "snake" || typeof value !== "object" || value === null) return value
  if (isArray(value)) return value.map((item) => inflectKeys(item, inflection))
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      rename(name, inflection),
      name === "metadata" ? inner : inflectKeys(inner, inflection)
    ])
  )
}

const isArray = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

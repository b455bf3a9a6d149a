/**
 * What the hand-written contenders share: the rules of an update, as somebody careful would write them without a framework. They
 * are the rules of Holdfast's contract that this job meets: merge by key, `null` removes, limits checked before anything is
 * written, a fingerprint that tells another request under the same key.
 */
import { createHash } from "node:crypto"

/** Whose sessions they are. */
export interface Tenant {
  readonly organization: string
  readonly environment: string
}

/** A session, as the database has it. */
export interface Session {
  readonly id: string
  readonly revision: number
  readonly status: string
  readonly externalRef: string | null
  readonly metadata: Metadata
  readonly createdAt: string
  readonly updatedAt: string
}

/** The metadata of a session. */
type Metadata = Readonly<Record<string, unknown>>

/** What may be changed. */
export interface UpdateInput {
  readonly externalRef?: string | null
  readonly metadata?: Metadata
}

/** An update by its caller. */
export interface UpdateRequest {
  readonly tenant: Tenant
  readonly id: string
  readonly input: UpdateInput
  /** `null` where idempotency is seen to elsewhere. */
  readonly key: string | null
  readonly requestId: string
}

/** An update was refused. */
export class Refused extends Error {
  readonly code: "not_found" | "validation_failed" | "idempotency_mismatch"
  readonly status: number

  constructor(code: Refused["code"]) {
    super(code.replaceAll("_", " "))
    this.code = code
    this.status = code === "not_found" ? 404 : 422
  }
}

/** The session as an update leaves it. Throws `Refused` where a limit is exceeded. */
export const changed = (session: Session, input: UpdateInput, now: Date): Session => {
  const metadata = { ...session.metadata, ...input.metadata }
  for (const [key, value] of Object.entries(input.metadata ?? {})) {
    if (value === null) Reflect.deleteProperty(metadata, key)
    if (key.length === 0 || key.length > 128) throw new Refused("validation_failed")
    if (Buffer.byteLength(JSON.stringify(value)) > 16_384) throw new Refused("validation_failed")
  }
  if (Object.keys(metadata).length > 50) throw new Refused("validation_failed")
  return {
    ...session,
    metadata,
    externalRef: input.externalRef === undefined ? session.externalRef : input.externalRef,
    revision: session.revision + 1,
    updatedAt: now.toISOString()
  }
}

/** What tells one request from another under the same key. */
export const fingerprintOf = ({ id, input }: UpdateRequest): string =>
  createHash("sha256")
    .update(JSON.stringify(["updateSession", id, input]))
    .digest("base64url")

/** What is kept of an API key. */
export const hashOf = (apiKey: string): string => createHash("sha256").update(apiKey).digest("base64url")

/** A key is good for a day. */
export const expiryOf = (now: Date): string => new Date(now.getTime() + 86_400_000).toISOString()

/**
 * Capture URLs: where the person goes to show a document. Rendered when asked for and never stored, so that no bearer token
 * lies in the database or in a stored outcome (contract §2).
 */
import { Context, Duration } from "effect"
import { base62 } from "./internal/base62.ts"
import type { Session } from "./domain/Session.ts"
import { capturable } from "./domain/SessionStatus.ts"
import type { Keyring } from "./Keyring.ts"

/** Settings of capture: where the product is reached from outside, and how long a token lives. */
export const CaptureSettings = Context.Reference<{
  /** Address of the product without a trailing slash, such as `https://id.example.com`. */
  readonly publicUrl: string
  /** How long a token lives after it was issued. */
  readonly tokenLifetime: Duration.Duration
}>("@holdfast/core/CaptureSettings", {
  defaultValue: () => ({ publicUrl: "http://127.0.0.1:4000", tokenLifetime: Duration.minutes(20) })
})

/** The capture URL of a session in the state given, or `null`: it is there only while `pending` or `capturing`. */
export const captureUrl = (keyring: Keyring["Service"], publicUrl: string, session: Session): string | null => {
  if (!capturable.has(session.status) || session.retentionStatus === "redacted") return null
  const { generation, keyVersion } = session.capture
  const mac = keyring.mac("capture", `${session.id}.${generation}`, keyVersion)
  return mac === undefined ? null : `${publicUrl}/verify/tok_${base62(mac, 43)}`
}

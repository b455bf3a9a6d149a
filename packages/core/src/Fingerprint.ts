/**
 * Fingerprints: what makes a retry the same request (contract §6). Operation, target and input are in it; what only shapes the
 * answer (the version, the casing, a GraphQL selection) is not.
 */
import * as Idempotency from "./domain/Idempotency.ts"
import type { SessionId } from "./domain/Ids.ts"
import { canonical } from "./domain/Json.ts"
import type { Json } from "./domain/Json.ts"
import type { Keyring } from "./Keyring.ts"

/** What was asked: the part of a request that makes a retry the same request. */
export interface Request {
  readonly operation: string
  /** The session it is about; `null` for a creation. */
  readonly target: SessionId | null
  readonly input: Json
}

/** The RFC 8785 form of a request: what a fingerprint is the keyed hash of. */
export const requestText = (request: Request): string =>
  // Put together by hand, in the order of the keys, because it is made for every request.
  `{"format":${Idempotency.format},"input":${canonical(request.input)},"operation":${JSON.stringify(request.operation)},"target":${JSON.stringify(request.target)}}`

/** The fingerprint of a request under the current secret, or under the one of `version` (`undefined` if that is gone). */
export function fingerprint(keyring: Keyring["Service"], text: string): string
export function fingerprint(keyring: Keyring["Service"], text: string, version: string): string | undefined
export function fingerprint(keyring: Keyring["Service"], text: string, version = keyring.current): string | undefined {
  const mac = keyring.mac("fingerprint", text, version)
  return mac === undefined ? undefined : Buffer.from(mac).toString("base64url")
}

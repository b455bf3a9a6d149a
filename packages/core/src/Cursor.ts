/**
 * Cursors: where a page of a list ends. Opaque to the client, and authenticated: a cursor is good for the tenant and the
 * filter that it was made for, and for nothing else.
 *
 * It names the session that it stands behind, and so it stays right while sessions are added.
 */
import { Schema } from "effect"
import { SessionId } from "./domain/Ids.ts"
import { canonical } from "./domain/Json.ts"
import type { Json } from "./domain/Json.ts"
import type { Tenant } from "./domain/Tenant.ts"
import { sameHash } from "./Keyring.ts"
import type { Keyring } from "./Keyring.ts"

const isSessionId = Schema.is(SessionId)
const form = /^([0-9a-f]{8})\.(ses_[0-9a-z]{26})\.([A-Za-z0-9_-]{22})$/

/** Makes and reads the cursors of one list: those of one tenant with one filter. */
export const cursors = (keyring: Keyring["Service"], tenant: Tenant, filter: Json) => {
  const scope = canonical([tenant.organization, tenant.environment, filter])
  const seal = (id: string, version: string): string | undefined => {
    const mac = keyring.mac("cursor", `${scope}\n${id}`, version)
    return mac === undefined ? undefined : Buffer.from(mac.subarray(0, 16)).toString("base64url")
  }
  return {
    /** The cursor that stands at a session. */
    encode: (id: SessionId): string =>
      Buffer.from(`${keyring.current}.${id}.${seal(id, keyring.current)}`).toString("base64url"),
    /** The session that a cursor stands at, or `undefined` for anything that is not a cursor of this list. */
    decode: (cursor: string): SessionId | undefined => {
      const [, version = "", id, given = ""] = form.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? []
      if (!isSessionId(id)) return undefined
      const expected = seal(id, version)
      return expected !== undefined && sameHash(Buffer.from(expected), Buffer.from(given)) ? id : undefined
    }
  }
}

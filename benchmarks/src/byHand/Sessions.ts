/** What the hand-written servers are built on, whichever database is below. */
import type { Session, Tenant, UpdateRequest } from "./Session.ts"

/** Sessions and API keys. */
export interface Sessions {
  /** The tenant of an API key, `null` if the key is not good. */
  readonly authenticate: (apiKey: string | undefined) => Promise<Tenant | null>
  /** Updates a session once for each key. Rejects with `Refused`. */
  readonly update: (request: UpdateRequest) => Promise<{ readonly session: Session; readonly replayed: boolean }>
}

/** What a caller may do: `resource:action` (contract §1). */
import { Schema } from "effect"

/** A permission of an API key. */
export const Scope = Schema.Literals([
  "sessions:read",
  "sessions:create",
  "sessions:write",
  "redact:write",
  "webhooks:read",
  "webhooks:write"
])
/** A permission of an API key. */
export type Scope = typeof Scope.Type

/** What a key may do unless its creator says otherwise. */
export const defaultScopes: ReadonlyArray<Scope> = ["sessions:read", "sessions:create", "sessions:write"]

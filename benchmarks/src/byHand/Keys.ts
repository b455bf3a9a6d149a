/** API keys by hand: looked up by their hash, and remembered for five seconds, so that a revoked key is soon refused. */
import { hashOf } from "./Session.ts"
import type { Tenant } from "./Session.ts"

/** Finds the tenant of an API key, `null` if the key is not good. */
export const makeKeys = (find: (hash: string) => Promise<Tenant | null>) => {
  const known = new Map<string, { readonly tenant: Tenant; readonly until: number }>()
  return async (apiKey: string | undefined): Promise<Tenant | null> => {
    if (apiKey === undefined) return null
    const hash = hashOf(apiKey)
    const remembered = known.get(hash)
    if (remembered !== undefined && Date.now() < remembered.until) return remembered.tenant
    const tenant = await find(hash)
    if (tenant === null) return null
    if (known.size >= 10_000) known.clear()
    known.set(hash, { tenant, until: Date.now() + 5_000 })
    return tenant
  }
}

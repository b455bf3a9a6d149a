/**
 * Who is at the other end (contract §1): the peer of the socket, or, where that peer is a trusted proxy, whoever the proxies
 * say they were called by.
 */
import { isIP } from "node:net"
import { addressTest, normalizeAddress } from "./domain/AllowList.ts"

/**
 * A function from the socket's peer and the `X-Forwarded-For` header to the client's address, normalised: the right-most entry
 * that is no trusted proxy, or the left-most one if all are. `null` where it cannot be known.
 *
 * @example
 * clientAddress(["10.0.0.0/8"])("::ffff:10.0.0.1", "203.0.113.9, 10.0.0.7") // "203.0.113.9"
 */
export const clientAddress = (
  trustedProxies: ReadonlyArray<string>
): ((peer: string | undefined, forwardedFor: string | null) => string | null) => {
  const isTrusted = addressTest(trustedProxies)
  return (peer, forwardedFor) => {
    const nearest = normalizeAddress(peer ?? "")
    if (isIP(nearest) === 0) return null
    if (forwardedFor === null || !isTrusted(nearest)) return nearest
    const hops = forwardedFor.split(",").map(withoutPort)
    const client = hops.findLast((address) => !isTrusted(address)) ?? hops[0] ?? ""
    return isIP(client) === 0 ? null : client
  }
}

/** Some proxies write a port as well: `203.0.113.9:4711` or `[2001:db8::1]:4711`. */
const withoutPort = (entry: string): string => {
  const match = /^\s*(?:\[([\da-f:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?\s*$/i.exec(entry)
  return normalizeAddress(match?.[1] ?? match?.[2] ?? entry.trim())
}

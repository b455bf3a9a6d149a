/**
 * The authenticator: how a facade finds out who asks. The default reads an API key from `X-API-Key`; an embedder with users
 * of their own replaces it by a layer and never issues a key.
 */
import { Clock, Context, Effect, Layer, Redacted } from "effect"
import { isIPv6 } from "node:net"
import { ApiKeys } from "./ApiKeys.ts"
import type { Identity } from "./Caller.ts"
import { RateLimited, Unauthorized } from "./Errors.ts"
import type { Unavailable } from "./Errors.ts"

/** What a facade knows of a request before it knows who asks. */
export interface Credentials {
  /** A header of the request by its lower-case name, or `null`. */
  readonly header: (name: string) => string | null
  /** Address of the client, normalised; `null` if unknown. */
  readonly address: string | null
  readonly requestId: string
}

/** Failed authentications that one address may make in a minute before it is told to wait (contract §1). */
export const maxFailuresPerMinute = 60

/**
 * Finds out who asks.
 *
 * @example
 * // Callers are the users of our own application.
 * const OurUsers = Layer.succeed(Authenticator, {
 *   authenticate: ({ header }) => findUser(header("cookie")).pipe(Effect.map(toIdentity))
 * })
 */
export class Authenticator extends Context.Service<
  Authenticator,
  {
    readonly authenticate: (
      credentials: Credentials
    ) => Effect.Effect<Identity, Unauthorized | RateLimited | Unavailable>
  }
>()("@holdfast/core/Authenticator") {
  /**
   * Callers are API keys, in the header `X-API-Key`. An address that failed sixty times within a minute is answered
   * `RateLimited` when it fails again; a good key is never kept waiting by its neighbours.
   */
  static readonly layer: Layer.Layer<Authenticator, never, ApiKeys> = Layer.effect(
    Authenticator,
    Effect.gen(function* () {
      const apiKeys = yield* ApiKeys
      const failures = makeFailureCount()
      const refuse = Effect.fnUntraced(function* (error: Unauthorized, address: string | null) {
        const retryAfter = yield* failures.add(address ?? "")
        return yield* retryAfter === 0 ? error : new RateLimited({ retryAfter })
      })
      return Authenticator.of({
        authenticate: ({ address, header, requestId }) => {
          const key = header("x-api-key")
          const identity =
            key === null
              ? Effect.fail(new Unauthorized())
              : apiKeys.authenticate({ key: Redacted.make(key), address, requestId })
          return Effect.catchTag(identity, "Unauthorized", (error) => refuse(error, address))
        }
      })
    })
  )
}

const minute = 60_000
const maxAddresses = 10_000

/** Counts the failures of each address over the last minute; answers the seconds to wait, 0 below the limit. */
const makeFailureCount = () => {
  // The address that failed longest ago comes first, and is forgotten first.
  const failures = new Map<string, ReadonlyArray<number>>()
  return {
    add: (given: string) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const address = networkOf(given)
        const recent = (failures.get(address) ?? []).filter((time) => now - time < minute)
        const [oldest = now] = recent
        failures.delete(address)
        if (recent.length >= maxFailuresPerMinute) {
          failures.set(address, recent)
          return Math.ceil((oldest + minute - now) / 1_000)
        }
        failures.set(address, [...recent, now])
        const [first] = failures.keys()
        if (failures.size > maxAddresses && first !== undefined) failures.delete(first)
        return 0
      })
  }
}

/** Whoever has an IPv6 address has a whole /64 of them. */
const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address
  const [head = "", tail] = address.split("::")
  const groups = head === "" ? [] : head.split(":")
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length)
  const all = [...groups, ...Array.from({ length: missing }, () => "0"), ...(tail ? tail.split(":") : [])]
  return all.slice(0, 4).join(":")
}

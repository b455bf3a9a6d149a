/**
 * The authenticator: how a facade finds out who asks. The default reads an API key from `X-API-Key`; an embedder with users
 * of their own replaces it by a layer and never issues a key.
 */
import { Clock, Context, Effect, Layer, Redacted } from "effect"
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
      return Authenticator.of({
        authenticate: Effect.fnUntraced(function* ({ address, header, requestId }: Credentials) {
          const key = header("x-api-key")
          const identity: Effect.Effect<Identity, Unauthorized | Unavailable> =
            key === null
              ? Effect.fail(new Unauthorized())
              : apiKeys.authenticate({ key: Redacted.make(key), address, requestId })
          return yield* Effect.catchTag(
            identity,
            "Unauthorized",
            Effect.fnUntraced(function* (error) {
              const retryAfter = yield* failures.add(address ?? "")
              return yield* retryAfter === 0 ? error : new RateLimited({ retryAfter })
            })
          )
        })
      })
    })
  )
}

const minute = 60_000
const maxAddresses = 10_000

/** Counts failures by address in windows of a minute; answers the seconds to wait, 0 below the limit. */
const makeFailureCount = () => {
  let window = 0
  let counts = new Map<string, number>()
  return {
    add: (address: string) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const current = Math.floor(now / minute)
        if (current !== window || counts.size >= maxAddresses) {
          window = current
          counts = new Map()
        }
        const count = (counts.get(address) ?? 0) + 1
        counts.set(address, count)
        return count > maxFailuresPerMinute ? Math.ceil(((current + 1) * minute - now) / 1_000) : 0
      })
  }
}

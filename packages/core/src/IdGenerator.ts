/**
 * Where identifiers come from: 48 bits of the clock and 80 random bits, in Crockford's base32. An embedder may replace it by
 * a layer; tests replace it to know the ids beforehand.
 */
import { Context, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { ulid } from "./internal/ulid.ts"
import type { ApiKeyId, AuditId, EnvironmentId, EventId, SessionId } from "./domain/Ids.ts"

/** Random bytes of an identifier: 80 bits. */
const idBytes = 10

/** The kinds of identifier by their prefix. */
export interface IdByPrefix {
  readonly ses: SessionId
  readonly env: EnvironmentId
  readonly key: ApiKeyId
  readonly evt: EventId
  readonly aud: AuditId
  readonly req: string
}

/**
 * Makes identifiers.
 *
 * @example
 * const id = yield* (yield* IdGenerator).next("ses") // "ses_01k9…"
 */
export class IdGenerator extends Context.Service<
  IdGenerator,
  {
    /** A new identifier of a kind. Sorts after those of earlier milliseconds; cannot be guessed from others. */
    readonly next: <Prefix extends keyof IdByPrefix>(prefix: Prefix) => Effect.Effect<IdByPrefix[Prefix]>
    /** Random bytes for a secret. */
    readonly randomBytes: (size: number) => Effect.Effect<Uint8Array>
  }
>()("@holdfast/core/IdGenerator") {
  /** Identifiers from the clock and the platform's cryptographic randomness. */
  static readonly layer: Layer.Layer<IdGenerator> = Layer.effect(
    IdGenerator,
    Effect.gen(function* () {
      const random = yield* SecureRandom.SecureRandom
      // Randomness is drawn for many identifiers at once: by itself each draw costs more than the identifier.
      let pool: Uint8Array = new Uint8Array(0)
      let used = 0
      const fill = Effect.map(random.randomBytes(256 * idBytes), (fresh) => {
        pool = fresh
        used = 0
      })
      const next = <Prefix extends keyof IdByPrefix>(prefix: Prefix): Effect.Effect<IdByPrefix[Prefix]> =>
        Effect.clockWith((clock) => {
          if (used === pool.length) return Effect.andThen(fill, next(prefix))
          const bytes = pool.subarray(used, (used += idBytes))
          return Effect.succeed(`${prefix}_${ulid(clock.currentTimeMillisUnsafe(), bytes)}` as IdByPrefix[Prefix])
        })
      return IdGenerator.of({
        next,
        randomBytes: random.randomBytes
      })
    })
  ).pipe(Layer.provide(SecureRandom.layerWebCrypto))
}

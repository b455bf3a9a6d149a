/** The services below the facade, over any stores: what the server and the command line run on. */
import { ApiKeys, Authenticator, CaptureSettings, IdGenerator, Keyring, Sessions } from "@holdfast/core"
import type { ApiKeyStore, SessionStore, WeakSecret } from "@holdfast/core"
import { Duration, Layer } from "effect"
import type { Redacted } from "effect"

/** What the services run on. */
export interface ServiceOptions<E> {
  /** Where everything is kept: `layerSqlite`, `layerPostgres`, `layerMemory`, or stores of your own. */
  readonly stores: Layer.Layer<SessionStore | ApiKeyStore, E>
  /** The server secret, of at least 32 bytes. */
  readonly secret: Redacted.Redacted<string>
  /** The secrets it replaced: what was made with them stays good. */
  readonly previousSecrets?: ReadonlyArray<Redacted.Redacted<string>> | undefined
  /** Where the product is reached from outside, without a trailing slash: capture URLs begin with it. */
  readonly publicUrl: string
}

/**
 * All services that the server needs. Call it once and keep the layer.
 *
 * @example
 * const services = layerServices({
 *   stores: layerSqlite({ filename: "data/ids.db" }),
 *   secret,
 *   publicUrl: "https://id.example.com"
 * })
 */
export const layerServices = <E>(
  options: ServiceOptions<E>
): Layer.Layer<Sessions | Authenticator | ApiKeys | SessionStore | ApiKeyStore | IdGenerator, E | WeakSecret> =>
  Layer.mergeAll(Sessions.layer, Authenticator.layer).pipe(
    Layer.provideMerge(ApiKeys.layer),
    Layer.provideMerge(Layer.mergeAll(options.stores, IdGenerator.layer)),
    Layer.provide([
      Keyring.layer({ secret: options.secret, previous: options.previousSecrets }),
      Layer.succeed(CaptureSettings, { publicUrl: options.publicUrl, tokenLifetime: Duration.minutes(20) })
    ])
  )

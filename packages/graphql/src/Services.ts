/** The services below the facade, over one SQLite file: what the server and the command line run on. */
import { ApiKeys, Authenticator, CaptureSettings, IdGenerator, Keyring, Sessions } from "@holdfast/core"
import type { ApiKeyStore, SessionStore, WeakSecret } from "@holdfast/core"
import { layerSqlite } from "@holdfast/core/sqlite"
import type { StoreUnopened } from "@holdfast/core/sqlite"
import { Duration, Layer } from "effect"
import type { Redacted } from "effect"

/** What the services run on. */
export interface ServiceOptions {
  /** Path of the database file, which is made when it is missing, or `:memory:`. */
  readonly filename: string
  /** The server secret, of at least 32 bytes. */
  readonly secret: Redacted.Redacted<string>
  /** The secrets it replaced: what was made with them stays good. */
  readonly previousSecrets?: ReadonlyArray<Redacted.Redacted<string>> | undefined
  /** Where the product is reached from outside, without a trailing slash: capture URLs begin with it. */
  readonly publicUrl: string
}

/** All services that the server needs. Call it once and keep the layer: each call opens the database anew. */
export const layerServices = (
  options: ServiceOptions
): Layer.Layer<
  Sessions | Authenticator | ApiKeys | SessionStore | ApiKeyStore | IdGenerator,
  StoreUnopened | WeakSecret
> =>
  Layer.mergeAll(Sessions.layer, Authenticator.layer).pipe(
    Layer.provideMerge(ApiKeys.layer),
    Layer.provideMerge(Layer.mergeAll(layerSqlite({ filename: options.filename }), IdGenerator.layer)),
    Layer.provide([
      Keyring.layer({ secret: options.secret, previous: options.previousSecrets }),
      Layer.succeed(CaptureSettings, { publicUrl: options.publicUrl, tokenLifetime: Duration.minutes(20) })
    ])
  )

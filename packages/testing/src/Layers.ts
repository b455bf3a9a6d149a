/**
 * Layers for tests: the whole library over a store, with everything beneath it in reach, so that a test can ask through the
 * front door and look at what was stored through the back.
 *
 * Each time a layer is built anew it is another world. A store layer given to {@link layerOver} twice is built once and
 * shared: that is how a test starts a second process on the same data.
 */
import { ApiKeys, Authenticator, IdGenerator, Keyring, layerMemory, Sessions } from "@holdfast/core"
import type { ApiKeyStore, SessionStore } from "@holdfast/core"
import { Layer, Redacted } from "effect"

/** What a store layer provides. */
export type Stores = SessionStore | ApiKeyStore

/** Everything that a test can reach. */
export type Services = Sessions | ApiKeys | Authenticator | Keyring | IdGenerator | Stores

/** The server secret of tests. Public, and so good for nothing else. */
export const testSecret = Redacted.make("a public secret, for tests and for nothing else", { label: "test secret" })

/** A keyring of the test secret. */
export const layerKeyring: Layer.Layer<Keyring> = Layer.orDie(Keyring.layer({ secret: testSecret }))

/**
 * The library over any store. `keyring` and `ids` are those of tests and of the platform unless given.
 *
 * @example
 * const ours = layerOver(OurStore.layer)
 * it.layer(ours)("our store", (it) => …)
 */
export const layerOver = <A, E, R>(
  stores: Layer.Layer<Stores | A, E, R>,
  options: {
    readonly keyring?: Layer.Layer<Keyring> | undefined
    readonly ids?: Layer.Layer<IdGenerator> | undefined
  } = {}
): Layer.Layer<Services | A, E, R> =>
  Layer.merge(Sessions.layer, Layer.provideMerge(Authenticator.layer, ApiKeys.layer)).pipe(
    Layer.provideMerge(Layer.mergeAll(stores, options.keyring ?? layerKeyring, options.ids ?? IdGenerator.layer))
  )

/** The library in memory, with a fixed secret: what most tests need. */
export const layerTest: Layer.Layer<Services> = layerOver(layerMemory)

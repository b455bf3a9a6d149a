/**
 * The keyring: one server secret, from which every keyed hash of the library is made (contract §1).
 *
 * HKDF-SHA-256 gives a separate subkey for each purpose, so that a value made for one can never pass for another. Each value
 * is kept beside the version of the secret that made it; a retired secret stays on the ring as `previous` until what it made
 * has expired, and so rotating the secret fails no retry.
 */
import { Config, Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from "node:crypto"
import type { KeyObject } from "node:crypto"

/** What a keyed hash is for. */
export type Purpose = "api-key" | "fingerprint" | "cursor" | "capture"

const purposes: ReadonlyArray<Purpose> = ["api-key", "fingerprint", "cursor", "capture"]

/** Shortest secret that is taken, in bytes of UTF-8. */
export const minSecretBytes = 32

/** The secret is too short to be one. Says how long it must be, never what it was. */
export class WeakSecret extends Schema.TaggedError<WeakSecret>()("WeakSecret", {}) {
  override get message() {
    return `The server secret must have at least ${minSecretBytes} bytes`
  }
}

/**
 * Keyed hashes by purpose and secret version.
 *
 * @example
 * const program = Effect.gen(function* () {
 *   const keyring = yield* Keyring
 *   const mac = keyring.mac("cursor", "text") // 32 bytes
 * })
 */
export class Keyring extends Context.Service<
  Keyring,
  {
    /** Version of the secret that new values are made with: 8 hexadecimal digits derived from the secret itself. */
    readonly current: string
    /** HMAC-SHA-256 (32 bytes) of `message` under the purpose's subkey; `undefined` if no secret of that version is on the ring. */
    readonly mac: {
      (purpose: Purpose, message: string): Uint8Array
      (purpose: Purpose, message: string, version: string): Uint8Array | undefined
    }
  }
>()("@holdfast/core/Keyring") {
  /** A keyring of `HOLDFAST_PEPPER`, and of `HOLDFAST_PEPPER_PREVIOUS` (separated by commas) if it is set. */
  static readonly layerConfig: Layer.Layer<Keyring, WeakSecret | Config.ConfigError> = Layer.unwrap(
    Effect.gen(function* () {
      const secret = yield* Config.Redacted("HOLDFAST_PEPPER")
      const previous = yield* Config.option(Config.Redacted("HOLDFAST_PEPPER_PREVIOUS"))
      return Keyring.layer({
        secret,
        previous: Option.match(previous, {
          onNone: () => [],
          onSome: (list) =>
            Redacted.value(list)
              .split(",")
              .map((one) => Redacted.make(one))
        })
      })
    })
  )

  /** A keyring of the server secret, and of the secrets it replaced. Fails with {@link WeakSecret} if one is too short. */
  static readonly layer = (options: {
    readonly secret: Redacted.Redacted<string>
    readonly previous?: ReadonlyArray<Redacted.Redacted<string>> | undefined
  }): Layer.Layer<Keyring, WeakSecret> =>
    Layer.effect(
      Keyring,
      Effect.gen(function* () {
        const [current, ...previous] = yield* Effect.forEach([options.secret, ...(options.previous ?? [])], derive)
        if (current === undefined) return yield* new WeakSecret()
        const ring = new Map([current, ...previous].map((derived) => [derived.version, derived.subkeys]))
        const mac = (purpose: Purpose, message: string, version = current.version) => {
          const subkey = ring.get(version)?.[purpose]
          return subkey === undefined ? undefined : createHmac("sha256", subkey).update(message).digest()
        }
        return Keyring.of({ current: current.version, mac: mac as Keyring["Service"]["mac"] })
      })
    )
}

/** Whether two hashes are equal, in a time that does not depend on where they differ. */
export const sameHash = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

const derive = Effect.fnUntraced(function* (secret: Redacted.Redacted<string>) {
  const bytes = Buffer.from(Redacted.value(secret), "utf8")
  if (bytes.length < minSecretBytes) return yield* new WeakSecret()
  const subkey = (info: string, length: number) =>
    Buffer.from(hkdfSync("sha256", bytes, "", `holdfast/${info}`, length))
  return {
    version: subkey("version", 4).toString("hex"),
    // A key object made once: made anew from bytes for every hash it costs five times the hash.
    subkeys: Object.fromEntries(purposes.map((purpose) => [purpose, createSecretKey(subkey(purpose, 32))])) as Record<
      Purpose,
      KeyObject
    >
  }
})

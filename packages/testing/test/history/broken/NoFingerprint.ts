/** The fingerprint is ignored: a key answers whatever is asked with it. */
import { Keyring, Sessions } from "@holdfast/core"
import type { Server } from "@holdfast/testing"
import { Effect, Layer } from "effect"

export const noFingerprint: Server = Layer.provide(
  Sessions.layer,
  Layer.effect(
    Keyring,
    Effect.map(Keyring, ({ current, mac }) => {
      const forgetful = (purpose: Parameters<typeof mac>[0], message: string, version = current) =>
        mac(purpose, purpose === "fingerprint" ? "" : message, version)
      return { current, mac: forgetful as typeof mac }
    })
  )
)

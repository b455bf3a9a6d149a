/** The organization is missing from the key: what one has used, all have used. */
import { Keyring, SessionStore, Sessions } from "@holdfast/core"
import type { Tenant } from "@holdfast/core"
import type { Server } from "@holdfast/testing"
import { Effect, Layer } from "effect"
import { commitEach, commitOne } from "./Broken.ts"

/** Who used a key. Processes that share a keyring share their keys. */
const ownersOf = new WeakMap<Keyring["Service"], Map<string, Tenant>>()

export const sharedKeys: Server = Layer.provide(
  Sessions.layer,
  Layer.effect(
    SessionStore,
    Effect.gen(function* () {
      const store = yield* SessionStore
      const keyring = yield* Keyring
      const owners = ownersOf.get(keyring) ?? new Map<string, Tenant>()
      ownersOf.set(keyring, owners)
      return {
        ...store,
        load: Effect.fnUntraced(function* (request) {
          const loaded = yield* store.load(request)
          const tenant = owners.get(request.key ?? "")
          if (tenant === undefined) return loaded
          const { record } = yield* store.load({ ...request, tenant })
          return { ...loaded, record }
        }),
        commit: commitEach((change) =>
          Effect.tap(commitOne(store, change), (result) =>
            Effect.sync(() => {
              if (result === "committed" && change.record !== null) owners.set(change.record.key, change.tenant)
            })
          )
        )
      }
    })
  )
)

/** What a client learns of itself. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTest } from "../Stores.ts"
import { connect } from "./Ask.ts"

const viewer = `{ viewer { organization environment environmentKind scopes version inflection apiKeyId } }`

it.layer(layerTest)("viewer", (it) => {
  it.effect("is the organization, the environment and the rights of the key, whatever its scopes", () =>
    Effect.gen(function* () {
      const { apiKey, ask } = yield* connect({
        organization: "acme",
        environment: "live",
        scopes: ["sessions:write", "sessions:read"],
        version: "2026-01-01",
        inflection: "kebab"
      })
      assert.deepStrictEqual((yield* ask(viewer)).data, {
        viewer: {
          organization: "acme",
          environment: apiKey.environment,
          environmentKind: "LIVE",
          scopes: ["sessions:read", "sessions:write"],
          version: "2026-01-01",
          inflection: "KEBAB",
          apiKeyId: apiKey.id
        }
      })
    })
  )

  it.effect("is on the current version where no key pins another", () =>
    Effect.gen(function* () {
      const { ask, caller } = yield* connect()
      const { data } = yield* ask(viewer, {}, { caller: { ...caller, apiKey: null, version: null, scopes: new Set() } })
      assert.deepStrictEqual(data, {
        viewer: {
          organization: caller.organization,
          environment: caller.environment,
          environmentKind: "SANDBOX",
          scopes: [],
          version: "2026-02-01",
          inflection: null,
          apiKeyId: null
        }
      })
    })
  )
})

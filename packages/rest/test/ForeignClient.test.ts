/** The document is good enough for a generator that is not ours: its client compiles, and it runs. */
import { describe } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { generate } from "orval"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert } from "vitest"
import { makeWorld, test } from "./support.ts"

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

const compile = async () => {
  await generate({
    input: { target: at("schema/openapi.json") },
    output: {
      target: at("foreign/generated/client.ts"),
      client: "fetch",
      override: { mutator: { path: at("foreign/Http.ts"), name: "http" } }
    }
  })
  await promisify(execFile)("tsc", ["--project", at("foreign")])
}

describe("a client generated from openapi.json by orval", () => {
  test(
    "compiles, and does everything there is to do",
    () =>
      Effect.gen(function* () {
        const { secret, url } = yield* makeWorld()
        yield* Effect.promise(compile)
        // It is there from now on, and not before.
        const program = "../foreign/Program.ts"
        const { run } = (yield* Effect.promise(() => import(program))) as {
          readonly run: (service: { readonly url: string; readonly apiKey: string }) => Promise<unknown>
        }
        const outcome = yield* Effect.promise(() => run({ url, apiKey: Redacted.value(secret) }))
        assert.deepStrictEqual(outcome, {
          metadata: { cart: { items: 3 } },
          replayed: "true",
          refused: [["external_ref", "too_long"]],
          revision: 2,
          total: 2,
          redacted: "deleted"
        })
      }),
    60_000
  )
})

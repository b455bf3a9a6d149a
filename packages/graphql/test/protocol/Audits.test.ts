import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { GraphQLError } from "graphql"
import { serverAudits } from "graphql-http"
import { createGraphQLError } from "graphql-yoga"
import type { YogaOptions } from "../../src/Yoga.ts"
import { makeYoga } from "../../src/Yoga.ts"
import { layerTest } from "../Stores.ts"
import { listen } from "./World.ts"

const audit = Effect.fnUntraced(function* (options: YogaOptions, where: "on a port" | "in process" = "on a port") {
  const yoga = yield* makeYoga(options)
  const origin = where === "on a port" ? `http://127.0.0.1:${yield* listen(yoga)}` : "http://holdfast.test"
  const inProcess = async (url: string, init: RequestInit = {}) => yoga.fetch(url, init)
  const audits = serverAudits({ url: `${origin}/graphql`, fetchFn: where === "on a port" ? fetch : inProcess })
  const results = yield* Effect.promise(() => Promise.all(audits.map(({ fn }) => fn())))
  const failed = results.filter(({ status }) => status !== "ok").map(({ id, name }) => `${id} ${name}`)
  return { count: audits.length, failed }
})

describe("GraphQL over HTTP", () => {
  it.effect.each(["on a port", "in process"] as const)("passes all 61 audits %s", (where) =>
    Effect.gen(function* () {
      const { count, failed } = yield* audit({}, where)
      assert.strictEqual(count, 61)
      assert.deepStrictEqual(failed, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("passes them behind a proxy, for a web page, and with narrow limits", () =>
    Effect.gen(function* () {
      const { failed } = yield* audit({
        trustProxy: ["10.0.0.0/8"],
        corsOrigins: ["https://app.example.com"],
        graphiql: () => new Response("<html>"),
        limits: { maxBodyBytes: 1_000, maxTokens: 50, maxDepth: 1, maxAliases: 0, maxDirectives: 0, maxCost: 1 }
      })
      assert.deepStrictEqual(failed, [])
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("passes in production all that do not ask for the schema", () =>
    Effect.gen(function* () {
      const { failed } = yield* audit({ production: true })
      // These four send `{ __type(name: …) { name } }` and expect an answer.
      assert.deepStrictEqual(
        failed.map((audit) => audit.split(" ", 1)[0]),
        ["2EA1", "28B9", "D6D5", "6A70"]
      )
    }).pipe(Effect.provide(layerTest))
  )

  it("knows one GraphQL: an error that Yoga makes is a GraphQLError", () => {
    assert.instanceOf(createGraphQLError("x"), GraphQLError)
  })
})

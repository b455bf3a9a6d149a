/**
 * The plugins without Yoga's adapter answer as Yoga does: the same status, the same headers, the same bytes. A body that comes
 * in chunks goes through Yoga, the same body with its length does not.
 */
import { IdGenerator } from "@holdfast/core"
import { assert, describe, it } from "@effect/vitest"
import { layerOver, makeId } from "@holdfast/testing"
import { Effect, Layer } from "effect"
import type { YogaOptions } from "../../src/Yoga.ts"
import { layerStores } from "../Stores.ts"
import { listen, makeWorld, post } from "../protocol/World.ts"
import { requests } from "./Requests.ts"
import type { Sent } from "./Requests.ts"

type Way = "plain" | "Yoga"

/** A library whose identifiers are the same in every world. */
const predictable = Layer.suspend(() => {
  let count = 0
  const ids: IdGenerator["Service"] = {
    next: (prefix) => Effect.sync(() => makeId(prefix, ++count)),
    randomBytes: (size) => Effect.sync(() => new Uint8Array(size).fill(++count))
  }
  return layerOver(layerStores, { ids: Layer.succeed(IdGenerator, ids) })
})

const send = (port: number, way: Way, usual: Sent["headers"], { body, headers }: Sent) => {
  const size = String(Buffer.byteLength(body))
  const framing = way === "plain" ? { "content-length": size } : { "transfer-encoding": "chunked" }
  const all: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...usual, ...headers, ...framing })) {
    if (value !== undefined) all[name] = value
  }
  return post(port, all, body.length === 0 ? [] : [body])
}

/** What comes of all requests, one after the other, in a world of their own. */
const answersOf = (way: Way, options: YogaOptions) =>
  Effect.gen(function* () {
    const world = yield* makeWorld(options)
    const port = yield* listen(world.yoga)
    const answers = yield* Effect.forEach(requests, ([what, sent]) =>
      Effect.map(send(port, way, world.headers, sent), ({ headers: { date: _, ...headers }, status, text }) => ({
        what,
        status,
        headers,
        text
      }))
    )
    return { answers, notes: world.traces.notes, log: world.log.length }
  }).pipe(Effect.scoped, Effect.provide(predictable))

describe("a plain request", () => {
  it.effect.each<readonly [string, YogaOptions]>([
    ["in development", {}],
    ["in production", { production: true }],
    [
      "behind a proxy, for a web page, with narrow limits",
      {
        trustProxy: ["127.0.0.0/8", "10.0.0.0/8"],
        corsOrigins: ["https://app.example.com"],
        limits: { maxBodyBytes: 600, maxTokens: 50, maxDepth: 3, maxAliases: 1, maxCost: 10 }
      }
    ]
  ])("is answered as Yoga answers it, %s", ([, options]) =>
    Effect.gen(function* () {
      const plain = yield* answersOf("plain", options)
      const yoga = yield* answersOf("Yoga", options)
      assert.isAtLeast(new Set(plain.answers.map(({ status }) => status)).size, 5)
      for (const [index, answer] of plain.answers.entries()) assert.deepStrictEqual(answer, yoga.answers[index])
      assert.deepStrictEqual(plain, yoga)
    })
  )

  const hostOf = Effect.fnUntraced(function* (way: Way, headers: Sent["headers"]) {
    const world = yield* makeWorld()
    const port = yield* listen(world.yoga)
    const { text } = yield* send(port, way, world.headers, { body: `{"query":"{ host }"}`, headers })
    return text
  })

  it.effect.each<readonly [Way, Sent["headers"], Way]>([
    ["plain", {}, "plain"],
    ["plain", { accept: "application/json" }, "plain"],
    ["plain", { accept: "application/graphql-response+json, application/json;q=0.9" }, "plain"],
    ["plain", { accept: "*/*;q=0.8" }, "plain"],
    ["plain", { accept: "text/html, application/json" }, "Yoga"],
    ["Yoga", {}, "Yoga"]
  ])("goes without the adapter, and no other does: %s %o", ([way, headers, host]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* hostOf(way, headers), JSON.stringify({ data: { host } }))
    }).pipe(Effect.provide(predictable))
  )
})

/** The endpoint inside somebody else's server. */
import { assert, it } from "@effect/vitest"
import { ApiKeys } from "@holdfast/core"
import { Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { makeHandler } from "../../src/server/Handler.ts"
import { layerTest } from "../Stores.ts"
import { ask, jsonOf } from "./Http.ts"

/** Services with a key that works, and a note of when they are closed. */
const world = () => {
  const seen = { key: "", closed: false }
  const services = Layer.effectDiscard(
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      yield* keys.ensureOrganization("acme")
      const { secret } = yield* keys.create({ organization: "acme", environment: "sandbox" })
      seen.key = Redacted.value(secret)
      yield* Effect.addFinalizer(() => Effect.sync(() => void (seen.closed = true)))
    })
  ).pipe(Layer.provideMerge(layerTest))
  return { seen, services }
}

const query = "{ viewer { organization } }"
const expected = { data: { viewer: { organization: "acme" } } }

it("answers requests of node:http beside the host's own", async () => {
  const { seen, services } = world()
  await using graphql = await makeHandler(services)
  const server = createServer((request, response) =>
    request.url === "/graphql" ? graphql.node(request, response) : response.end("the host's own")
  )
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const answer = await Effect.runPromise(ask(url, query, { "x-api-key": seen.key }))
  assert.deepStrictEqual(jsonOf(answer), expected)
  assert.strictEqual(await (await fetch(url)).text(), "the host's own")
  server.closeAllConnections()
  server.close()
})

it("answers requests of the web platform", async () => {
  const { seen, services } = world()
  await using graphql = await makeHandler(services)
  const answer = await graphql.fetch(
    new Request("http://anything/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": seen.key },
      body: JSON.stringify({ query })
    })
  )
  assert.deepStrictEqual(await answer.json(), expected)
})

it("closes the services below when it is disposed of", async () => {
  const { seen, services } = world()
  const graphql = await makeHandler(services)
  assert.isFalse(seen.closed)
  await graphql.dispose()
  assert.isTrue(seen.closed)
})

it("rejects when the services cannot be built", async () => {
  const services = Layer.provideMerge(Layer.effectDiscard(Effect.fail("no database")), layerTest)
  const outcome = await makeHandler(services).then(
    () => "built",
    (error: unknown) => error
  )
  assert.strictEqual(outcome, "no database")
})

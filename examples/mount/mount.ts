/**
 * The GraphQL endpoint of Holdfast inside an HTTP server that is there already, for users that it knows already.
 *
 * `node mount.ts` starts it, updates a session as a client would, and ends.
 */
import { ApiKeys, Authenticator, callerFor, Unauthorized } from "@holdfast/core"
import { layerSqlite } from "@holdfast/core/sqlite"
import { layerServices, makeHandler } from "@holdfast/graphql"
import { Effect, Layer, Redacted } from "effect"
import assert from "node:assert/strict"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

// Who asks is known by the application's own login, which takes the place of Holdfast's API keys.
const OurUsers = Layer.effect(
  Authenticator,
  Effect.gen(function* () {
    const { organization } = yield* (yield* ApiKeys).ensureOrganization("acme")
    const alice = callerFor(organization, "live", { scopes: new Set(["sessions:create", "sessions:write"]) })
    return {
      authenticate: ({ header }) =>
        header("cookie") === "login=alice" ? Effect.succeed(alice) : Effect.fail(new Unauthorized())
    }
  })
)

const services = layerServices({
  stores: layerSqlite({ filename: ":memory:" }),
  secret: Redacted.make("at least thirty-two bytes of secret"),
  publicUrl: "https://id.example.com"
})

const holdfast = await makeHandler(Layer.provideMerge(OurUsers, services), { production: true })

const server = createServer((request, response) =>
  request.url === "/graphql" ? holdfast.node(request, response) : response.end("Our own page")
)
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

// From here on a client.
const ask = async (query: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "login=alice", ...headers },
    body: JSON.stringify({ query })
  })
  return response.json()
}

const created = await ask(`mutation { createSession(input: { metadata: { tier: "silver" } }) {
  ... on CreateSessionSuccess { session { id } } } }`)
const { id } = created.data.createSession.session

const update = `mutation { updateSession(id: "${id}", input: { metadata: { tier: "gold" } }) {
  ... on UpdateSessionSuccess { replayed session { metadata revision } } } }`

for (const replayed of [false, true]) {
  const { data } = await ask(update, { "idempotency-key": "order-7" })
  assert.deepEqual(data.updateSession, { replayed, session: { metadata: { tier: "gold" }, revision: 2 } })
}
assert.equal((await ask(update, { cookie: "" })).errors[0].extensions.code, "UNAUTHORIZED")
assert.equal(await (await fetch(url)).text(), "Our own page")
console.log("Updated once, answered twice")

// First no more requests, then no more services.
server.closeAllConnections()
await new Promise((resolve) => server.close(resolve))
await holdfast.dispose()

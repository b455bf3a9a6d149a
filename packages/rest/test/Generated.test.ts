/** Whatever is sent, good or broken: never a 5xx, and never an answer that the OpenAPI document does not have. */
import { describe } from "@effect/vitest"
import { inflect } from "@holdfast/core"
import { provision } from "@holdfast/testing"
import { Effect, Redacted } from "effect"
import { OpenApi } from "effect/http-api"
import { Agent, request } from "node:http"
import type { IncomingHttpHeaders } from "node:http"
import { assert } from "vitest"
import { Api } from "@holdfast/rest"
import { documentSchemas } from "./documentSchemas.ts"
import type { Check } from "./documentSchemas.ts"
import { makeChance, makeGenerator } from "./generateRequests.ts"
import type { Generated } from "./generateRequests.ts"
import { makeWorld, test } from "./support.ts"

const seed = 20_261_122
const requests = 10_000
const atOnce = 16

const document = OpenApi.fromApi(Api)
const schemas = documentSchemas(document)
const checks = new Map<string, Check>()

/** What is wrong with an answer. */
const faults = (
  { method, operation, template }: Generated,
  { body, headers, status }: Received
): ReadonlyArray<string> => {
  if (status >= 500) return ["a 5xx"]
  if (headers["x-request-id"] === undefined) return ["no request id"]
  if (operation.responses[status] === undefined) return ["a status that is not declared"]
  if (status === 304) return body === "" ? [] : ["a body that must not be there"]
  const pointer = [
    "paths",
    template,
    method.toLowerCase(),
    "responses",
    String(status),
    "content",
    "application/json",
    "schema"
  ]
  const name = pointer.join(" ")
  const check = checks.get(name) ?? schemas.at(...pointer)
  checks.set(name, check)
  return check(snake(JSON.parse(body)))
}

/** The document shows snake case; metadata is the caller's own. */
const snake = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(snake)
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [inflect(name, "snake"), name === "metadata" ? inner : snake(inner)])
  )
}

interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const send = (agent: Agent, port: string, { body, headers, method, path }: Generated): Promise<Received> =>
  new Promise((resolve, reject) => {
    const sent = request({ agent, host: "127.0.0.1", port, method, path, headers }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => (text += chunk))
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    sent.on("error", reject)
    sent.end(body)
  })

describe(`${requests} requests generated from the document, seed ${seed}`, () => {
  test(
    "never get a 5xx, and every answer fits the document",
    () =>
      Effect.gen(function* () {
        const { session, url, secret } = yield* makeWorld()
        const others = yield* Effect.forEach(
          [{ inflection: "camel" as const }, { scopes: ["sessions:read" as const] }, { organization: "globex" }],
          (input) => Effect.map(provision(input), (made) => Redacted.value(made.secret))
        )
        const key = Redacted.value(secret)
        const ids = [session.id]
        const chance = makeChance(seed)
        const generate = makeGenerator(document, chance, { ids, keys: [key, key, key, ...others] })
        const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
        const seen = new Map<string, number>()

        const one = (index: number) =>
          Effect.promise(async () => {
            const generated = generate()
            const received = await send(agent, new URL(url).port, generated)
            const found = faults(generated, received)
            if (found.length > 0) {
              const { operation: _, ...asked } = generated
              const short = (_: string, value: unknown) => (typeof value === "string" ? value.slice(0, 500) : value)
              assert.fail(`Request ${index}: ${found.join(", ")}\n${JSON.stringify({ asked, received }, short, 2)}`)
            }
            const name = `${generated.operation.operationId} ${received.status}`
            seen.set(name, (seen.get(name) ?? 0) + 1)
            const { location } = received.headers
            // Sessions are redacted as we go; new ones take their place.
            if (location !== undefined && ids.length < 200) ids.push(location.split("/").at(-1) ?? "")
          })
        yield* Effect.forEach(Array.from({ length: requests }).keys(), one, { concurrency: atOnce, discard: true })
        agent.destroy()

        // Enough of everything, or the generator has become blind.
        for (const name of [
          "sessions.list 200",
          "sessions.list 422",
          "sessions.create 201",
          "sessions.create 422",
          "sessions.get 200",
          "sessions.get 404",
          "sessions.get 406",
          "sessions.get 412",
          "sessions.update 200",
          "sessions.update 400",
          "sessions.update 401",
          "sessions.update 403",
          "sessions.update 412",
          "sessions.update 415",
          "sessions.update 422",
          "sessions.redact 200"
        ]) {
          assert.isAtLeast(seen.get(name) ?? 0, 5, `${name} of ${JSON.stringify(Object.fromEntries(seen))}`)
        }
      }),
    120_000
  )
})

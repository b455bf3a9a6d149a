/** What the log says of a request, and what it never says. */
import { assert, it } from "@effect/vitest"
import { provision } from "@holdfast/testing"
import { Effect, Layer, Logger, Redacted, References } from "effect"
import { Server } from "../../src/server/Server.ts"
import { layerTest } from "../Stores.ts"
import { ask, send } from "./Http.ts"

const canary = "canary-alice@example.com"

/** Makes requests to a server that logs at the level given; answers the lines that the log has by the time of the last. */
const linesOf = Effect.fnUntraced(function* (
  level: "Debug" | "Info",
  requests: (url: string, key: string) => Effect.Effect<unknown>
) {
  const lines: Array<string> = []
  const logger = Logger.map(Logger.formatJson, (line) => void lines.push(line))
  const logging = Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, level))
  const server = Server.layer({ host: "127.0.0.1", port: 0 }).pipe(
    Layer.provideMerge(layerTest),
    Layer.provideMerge(logging)
  )
  const key = yield* Effect.gen(function* () {
    const { secret } = yield* provision()
    const text = Redacted.value(secret)
    yield* requests((yield* Server).url, text)
    return text
  }).pipe(Effect.provide(server))
  const answered = lines.map((line) => JSON.parse(line)).filter(({ message }) => message === "Answered")
  return { log: lines.join("\n"), answered, key }
})

it.effect("at debug a request is a line with its route, status, duration and id", () =>
  Effect.gen(function* () {
    const { answered } = yield* linesOf("Debug", (url) => send(`${url}/health`))
    const { annotations, level } = answered[0]
    const { ms, requestId, ...rest } = annotations
    assert.strictEqual(level, "DEBUG")
    assert.deepStrictEqual(rest, { method: "GET", route: "/health", status: 200 })
    assert.isAtLeast(ms, 0)
    assert.match(requestId, /^req_/)
  })
)

it.effect("the id is that of the answer, and the client's own if it sent one", () =>
  Effect.gen(function* () {
    const ids: Array<unknown> = []
    const { answered } = yield* linesOf("Debug", (url, key) =>
      Effect.gen(function* () {
        ids.push((yield* ask(url, "{ viewer { organization } }", { "x-api-key": key })).headers["x-request-id"])
        ids.push((yield* ask(url, "{ __typename }", { "x-request-id": "ours-7" })).headers["x-request-id"])
        ids.push((yield* send(`${url}/nothing`, { headers: { "x-request-id": "not good" } })).headers["x-request-id"])
      })
    )
    assert.deepStrictEqual(
      answered.map(({ annotations }) => annotations.requestId),
      ids
    )
    assert.match(String(ids[0]), /^req_/)
    assert.strictEqual(ids[1], "ours-7")
    assert.match(String(ids[2]), /^req_/)
  })
)

it.effect("at debug nothing of what was asked, and no secret, is in the log", () =>
  Effect.gen(function* () {
    const { answered, key, log } = yield* linesOf("Debug", (url, key) =>
      Effect.all([
        ask(url, `mutation { createSession(input: { externalRef: "${canary}" }) { __typename } }`, {
          "x-api-key": key
        }),
        send(`${url}/${canary}?token=${canary}`)
      ])
    )
    assert.deepStrictEqual(
      answered.map(({ annotations: { route, status } }) => [route, status]),
      [
        ["/graphql", 200],
        ["none", 404]
      ]
    )
    assert.notInclude(log, canary)
    assert.notInclude(log, key)
  })
)

it.effect("at info there is no line for a request", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual((yield* linesOf("Info", (url) => send(`${url}/health`))).log, "")
  })
)

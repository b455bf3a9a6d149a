/** What the log says of a request, and what it never says. */
import { assert, it } from "@effect/vitest"
import { layerTest, provision } from "@holdfast/testing"
import { Effect, Layer, Logger, Redacted, References } from "effect"
import { Server } from "../../src/server/Server.ts"
import { ask, send } from "./Http.ts"

const canary = "canary-alice@example.com"

/** Makes requests to a server that logs at the level given; answers the lines that the log has by the time of the last. */
const linesOf = Effect.fnUntraced(function* (
  level: "Debug" | "Info",
  requests: (url: string) => Effect.Effect<unknown>
) {
  const lines: Array<string> = []
  const logger = Logger.map(Logger.formatJson, (line) => void lines.push(line))
  const logging = Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, level))
  const server = Server.layer({ host: "127.0.0.1", port: 0 }).pipe(Layer.provide(layerTest), Layer.provide(logging))
  yield* Effect.flatMap(Server, ({ url }) => requests(url)).pipe(Effect.provide(server))
  return lines
})

it.effect("at debug a request is a line with its route, status, duration and id", () =>
  Effect.gen(function* () {
    const lines = yield* linesOf("Debug", (url) => send(`${url}/health`))
    const { annotations, level, message } = JSON.parse(lines.find((line) => line.includes("/health")) ?? "{}")
    assert.deepStrictEqual([level, message], ["DEBUG", "Answered"])
    assert.deepStrictEqual(
      { ...annotations, ms: 0 },
      { method: "GET", route: "/health", status: 200, ms: 0, requestId: null }
    )
  })
)

it.effect("at debug nothing of what was asked, and no secret, is in it", () =>
  Effect.gen(function* () {
    const { secret } = yield* Effect.provide(provision(), layerTest)
    const lines = yield* linesOf("Debug", (url) =>
      Effect.all([
        ask(url, `mutation { createSession(input: { externalRef: "${canary}" }) { __typename } }`, {
          "x-api-key": Redacted.value(secret)
        }),
        send(`${url}/${canary}?token=${canary}`)
      ])
    )
    assert.isAtLeast(lines.length, 2)
    assert.notInclude(lines.join("\n"), canary)
    assert.notInclude(lines.join("\n"), Redacted.value(secret))
    assert.include(lines.join("\n"), '"status":404')
  })
)

it.effect("at info there is no line for a request", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* linesOf("Info", (url) => send(`${url}/health`)), [])
  })
)

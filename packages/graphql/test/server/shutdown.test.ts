/** How a server stops: what is in flight is answered, and nothing else is begun. */
import { assert, it } from "@effect/vitest"
import { Authenticator, Unauthorized } from "@holdfast/core"
import { Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { connect } from "node:net"
import { Server } from "../../src/server/Server.ts"
import { layerTest } from "../Stores.ts"
import { ask, send } from "./Http.ts"

/** A server where a request for data waits until it is released. */
const start = Effect.fnUntraced(function* (drain: Duration.Duration) {
  const arrived = yield* Deferred.make<void>()
  const released = yield* Deferred.make<void>()
  const slow = Layer.succeed(Authenticator, {
    authenticate: () =>
      Deferred.succeed(arrived, undefined).pipe(
        Effect.andThen(Deferred.await(released)),
        Effect.andThen(Effect.fail(new Unauthorized()))
      )
  })
  const scope = yield* Scope.make()
  const layer = Server.layer({ host: "127.0.0.1", port: 0, drain }).pipe(Layer.provide(slow), Layer.provide(layerTest))
  const server = Context.get(yield* Layer.buildWithScope(layer, scope), Server)
  return { ...server, arrived, released, stop: Scope.close(scope, Exit.void) }
})

const refusesConnections = (port: number) =>
  Effect.callback<boolean>((resume) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resume(Effect.succeed(false)))
    socket.once("error", () => resume(Effect.succeed(true)))
    return Effect.sync(() => socket.destroy())
  })

it.live("a request in flight is answered, on a connection that closes, and then the server is gone", () =>
  Effect.gen(function* () {
    const { arrived, port, released, stop, url } = yield* start(Duration.seconds(30))
    const request = yield* Effect.forkChild(ask(url, "{ viewer { organization } }"))
    yield* Deferred.await(arrived)
    const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
    assert.isTrue(yield* Effect.repeat(refusesConnections(port), { until: (refused) => refused }))
    assert.isUndefined(stopping.pollUnsafe())
    yield* Deferred.succeed(released, undefined)
    const { headers, status } = yield* Fiber.join(request)
    assert.deepStrictEqual([status, headers.connection], [401, "close"])
    yield* Fiber.join(stopping)
  })
)

it.live("a request that takes longer than the drain is cut off", () =>
  Effect.gen(function* () {
    const { arrived, stop, url } = yield* start(Duration.millis(50))
    const request = yield* Effect.forkChild(Effect.exit(ask(url, "{ viewer { organization } }")))
    yield* Deferred.await(arrived)
    yield* stop
    assert.isTrue(Exit.isFailure(yield* Fiber.join(request)))
  })
)

it.live("an idle connection holds nothing up", () =>
  Effect.gen(function* () {
    const { stop, url } = yield* start(Duration.seconds(30))
    yield* Effect.promise(async () => (await fetch(`${url}/health`)).text())
    yield* stop
  })
)

it.live("a server that is told to stop while nobody asks stops at once", () =>
  Effect.gen(function* () {
    const { port, stop, url } = yield* start(Duration.seconds(30))
    yield* send(`${url}/health`)
    yield* stop
    assert.isTrue(yield* refusesConnections(port))
  })
)

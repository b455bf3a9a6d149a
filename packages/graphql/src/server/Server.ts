/**
 * The server: GraphQL on a port, as a layer. It listens for as long as the layer lives; when the layer closes, requests in
 * flight are answered first, and only then do the services below it close.
 */
import { logDefect } from "@holdfast/core"
import type { Authenticator, IdGenerator, Sessions, SessionStore } from "@holdfast/core"
import { Cause, Context, Effect, Fiber, Layer, Scope } from "effect"
import { httpUrl } from "../config/Settings.ts"
import { serve } from "./HttpServer.ts"
import type { CannotListen, Listener, ServeOptions } from "./HttpServer.ts"
import { makeYoga } from "../Yoga.ts"
import type { YogaOptions } from "../Yoga.ts"
import { sendError } from "./Json.ts"
import { makeRoutes } from "./Routes.ts"

/** How to serve. */
export interface ServerOptions extends YogaOptions, ServeOptions {
  /**
   * Makes what answers everything that is not GraphQL, health or readiness, such as the listener of `@holdfast/rest`. The
   * server does not wait for it, and closes it after the last request was answered. Without it the answer is 404.
   */
  readonly elsewhere?: Effect.Effect<Listener, never, Sessions | Authenticator | IdGenerator | Scope.Scope> | undefined
}

/**
 * A running server.
 *
 * @example
 * // Serves until the program is interrupted.
 * Layer.launch(Server.layer({ host: "127.0.0.1", port: 4000 }).pipe(Layer.provide(services)))
 */
export class Server extends Context.Service<
  Server,
  {
    /** Address it is reached under from the same machine, such as `http://127.0.0.1:4000`. */
    readonly url: string
    /** The port it listens on; a free one was taken for port 0. */
    readonly port: number
  }
>()("@holdfast/graphql/Server") {
  /** Listens. Fails with `CannotListen`, which says which setting to change. */
  static readonly layer = (
    options: ServerOptions
  ): Layer.Layer<Server, CannotListen, Sessions | Authenticator | SessionStore | IdGenerator> =>
    Layer.effect(
      Server,
      Effect.gen(function* () {
        let draining = false
        const yoga = yield* makeYoga(options)
        const routes = yield* makeRoutes({
          graphql: yoga,
          hasPage: options.graphiql !== undefined && options.production !== true,
          elsewhere: yield* makeElsewhere(options),
          draining: () => draining
        })
        const { address, port } = yield* serve(options, routes, () => {
          draining = true
        })
        return Server.of({ url: httpUrl(address, port), port })
      })
    )
}

/** A listener that stands in until the real one is made, and holds back the requests that come before. */
const makeElsewhere = Effect.fnUntraced(function* ({ elsewhere }: ServerOptions) {
  if (elsewhere === undefined) return null
  // A scope of its own, older than the server's socket: it closes when all requests are answered.
  const scope = yield* Effect.acquireRelease(Scope.make(), Scope.close)
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const made = yield* Effect.forkIn(Scope.provide(elsewhere, scope), scope)
  const listener: Listener = (request, response) => {
    const requestId = String(request.headers["x-request-id"])
    const unmade = { error: "internal_server_error", detail: "Something went wrong on our side", requestId }
    fork(
      Effect.matchCauseEffect(Fiber.join(made), {
        onSuccess: (listen) => Effect.sync(() => listen(request, response)),
        onFailure: (cause) =>
          Effect.andThen(
            logDefect(Cause.squash(cause), requestId),
            Effect.sync(() => sendError(response, 500, unmade))
          )
      })
    )
  }
  return listener
})

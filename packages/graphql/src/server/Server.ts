/**
 * The server: GraphQL on a port, as a layer. It listens for as long as the layer lives; when the layer closes, requests in
 * flight are answered first, and only then do the services below it close.
 */
import type { Authenticator, IdGenerator, Sessions, SessionStore } from "@holdfast/core"
import { Context, Effect, Layer } from "effect"
import { httpUrl } from "../config/Settings.ts"
import { serve } from "./HttpServer.ts"
import type { CannotListen, ServeOptions } from "./HttpServer.ts"
import { makeYoga } from "../Yoga.ts"
import type { YogaOptions } from "../Yoga.ts"
import { makeRoutes } from "./Routes.ts"

/** How to serve. */
export interface ServerOptions extends YogaOptions, ServeOptions {}

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
          draining: () => draining
        })
        const { address, port } = yield* serve(options, routes, () => {
          draining = true
        })
        return Server.of({ url: httpUrl(address, port), port })
      })
    )
}

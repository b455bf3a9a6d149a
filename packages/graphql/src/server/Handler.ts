/**
 * The GraphQL endpoint inside somebody else's server: a listener for `node:http`, a `fetch` for anything else, and a way to
 * end it. For hosts that know nothing of Effect; inside Effect use `makeYoga`, whose lifetime is the layer's.
 */
import type { Authenticator, IdGenerator, Sessions } from "@holdfast/core"
import { ManagedRuntime } from "effect"
import type { Layer } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { makeYoga } from "../Yoga.ts"
import type { YogaOptions } from "../Yoga.ts"

/** The endpoint, at the path `/graphql`. */
export interface Handler extends AsyncDisposable {
  /** Answers a request of `node:http`, or of what is built on it, such as Express. */
  readonly node: (request: IncomingMessage, response: ServerResponse) => void
  /** Answers a request of the web platform. The client's address is unknown here, so keys with an allow-list are refused. */
  readonly fetch: (request: Request) => Promise<Response>
  /** Closes the services below, the database included, once the changes under way are made. Let no request in after this. */
  readonly dispose: () => Promise<void>
}

/**
 * Builds the services and the endpoint over them. Rejects if a service cannot be built.
 *
 * @example
 * const graphql = await makeHandler(layerServices({ stores: layerMemory, secret, publicUrl: "https://id.example.com" }))
 * createServer((request, response) => graphql.node(request, response)).listen(4000)
 */
export const makeHandler = async <E>(
  services: Layer.Layer<Sessions | Authenticator | IdGenerator, E>,
  options: YogaOptions = {}
): Promise<Handler> => {
  const runtime = ManagedRuntime.make(services)
  const yoga = await runtime.runPromise(makeYoga(options))
  const dispose = () => runtime.dispose()
  return {
    node: (request, response) => yoga(request, response),
    fetch: async (request) => yoga.fetch(request),
    dispose,
    [Symbol.asyncDispose]: dispose
  }
}

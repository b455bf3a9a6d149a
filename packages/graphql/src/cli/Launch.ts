/** What `holdfast start` runs: the services, the demo in development, the server, and a word about where it is. */
import { Sweeper } from "@holdfast/core"
import { Context, Effect, Layer } from "effect"
import type { Settings } from "../config/Settings.ts"
import { ensureDemo } from "../dev/DemoData.ts"
import { makeGraphiQL } from "../graphiql/GraphiQL.ts"
import { isLoopbackHost } from "../graphiql/Loopback.ts"
import { Server } from "../server/Server.ts"
import { endpoint } from "../Yoga.ts"
import { servicesOf } from "./Environment.ts"
import type { Environment } from "./Environment.ts"

/** Serves until interrupted. */
export const launch = Effect.fnUntraced(function* (environment: Environment) {
  const { settings } = environment
  const services = yield* Layer.build(servicesOf(environment))
  const demo = yield* Effect.provideContext(openDemo(environment), services)
  const prefill = isLoopbackHost(settings.host) ? demo : null
  const server = yield* Layer.build(
    Server.layer({
      host: settings.host,
      port: settings.port,
      trustProxy: settings.trustProxy,
      corsOrigins: settings.corsOrigins,
      production: settings.production,
      graphiql: makeGraphiQL(prefill),
      elsewhere: makeRest(settings)
    })
  ).pipe(Effect.provideContext(services))
  yield* Layer.build(Sweeper.layer).pipe(Effect.provideContext(services))
  yield* announce(environment, Context.get(server, Server).url, prefill !== null)
  return yield* Effect.never
}, Effect.scoped)

/** Loaded when the server already listens, so that GraphQL does not wait for it. */
const makeRest = ({ corsOrigins, production, trustProxy }: Settings) =>
  Effect.flatMap(
    Effect.promise(() => import("@holdfast/rest")),
    (rest) => rest.makeHandler({ trustProxy, corsOrigins, docs: !production })
  )

const openDemo = Effect.fnUntraced(function* ({ devFile, settings }: Environment) {
  if (devFile === null) return null
  const { demo, notes } = yield* ensureDemo(devFile, { ownSecret: settings.pepper === null })
  yield* Effect.forEach(notes, (note) => Effect.logInfo(note), { discard: true })
  return demo
})

const announce = Effect.fnUntraced(function* ({ settings }: Environment, url: string, prefilled: boolean) {
  yield* Effect.logInfo(`GraphQL is served on ${url}${endpoint}, REST on ${url}/api/v1`)
  if (settings.production) {
    if (settings.publicUrl === null)
      yield* Effect.logWarning("HOLDFAST_PUBLIC_URL is not set: capture URLs lead to this machine")
    return
  }
  yield* Effect.logInfo(
    prefilled
      ? `Open it in a browser and press Run: GraphiQL has a sandbox key and a session filled in`
      : `Open it in a browser for GraphiQL; an API key comes from \`holdfast keys create\``
  )
})

/**
 * `@holdfast/graphql`: the GraphQL endpoint of Holdfast, its server and its command line.
 *
 * Begin with `makeHandler` (the endpoint in a server of yours), `Server.layer` (a server of its own, in an Effect program) or
 * `makeYoga` (the endpoint as a Yoga instance). All of them stand on the services of `@holdfast/core`, which `layerServices`
 * builds over the stores given.
 */
export type { GraphQLContext, HttpRequest, IdempotencyReport } from "./Context.ts"
export { makeGraphiQL } from "./graphiql/GraphiQL.ts"
export type { Prefill } from "./graphiql/Tabs.ts"
export type { GraphiQLPage } from "./plugins/GraphiQL.ts"
export { makeSchema } from "./Schema.ts"
export { makeHandler } from "./server/Handler.ts"
export type { Handler } from "./server/Handler.ts"
export { CannotListen } from "./server/HttpServer.ts"
export type { ServeOptions } from "./server/HttpServer.ts"
export { Server } from "./server/Server.ts"
export type { ServerOptions } from "./server/Server.ts"
export { layerServices } from "./Services.ts"
export type { ServiceOptions } from "./Services.ts"
export { defaultLimits, endpoint, makeYoga, makeYogaOver } from "./Yoga.ts"
export type { Limits, Yoga, YogaOptions } from "./Yoga.ts"

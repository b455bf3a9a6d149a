/**
 * `@holdfast/rest`: the library's sessions under `/api/v1`, with an OpenAPI document, a documentation page and a typed client.
 *
 * Begin with `makeHandler` (the server's side), `RestClient` (the client's) or `Api` (the definition that both are made from).
 */
export { Api } from "./Api.ts"
export { RestClient } from "./Client.ts"
export { makeHandler } from "./server/Handler.ts"
export type { HandlerOptions, Listener } from "./server/Handler.ts"

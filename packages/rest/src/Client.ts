/**
 * The typed client, derived from the definition of the API: a method for each operation, with its inputs checked and its answers
 * decoded. An error is the envelope of contract §5; tell errors apart by `error`.
 */
import { apiVersions } from "@holdfast/core"
import { Context, Layer, Redacted } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { Admission } from "./Admission.ts"
import { Api } from "./Api.ts"

/**
 * The operations of a service that is somewhere else.
 *
 * @example
 * const program = Effect.gen(function* () {
 *   const client = yield* RestClient
 *   const session = yield* client.sessions.create({ headers: {}, payload: { external_ref: "user-42" } })
 *   return yield* client.sessions.update({
 *     params: { id: session.id },
 *     headers: { "idempotency-key": "order-7-tier" },
 *     payload: { metadata: { tier: "gold" } }
 *   })
 * })
 */
export class RestClient extends Context.Service<RestClient, HttpApiClient.ForApi<typeof Api>>()(
  "@holdfast/rest/RestClient"
) {
  /** A client of the service at a URL, such as `https://id.example.com`, with an API key. */
  static readonly layer = (options: {
    readonly url: string
    readonly apiKey: Redacted.Redacted<string>
  }): Layer.Layer<RestClient, never, HttpClient.HttpClient> =>
    Layer.effect(
      RestClient,
      HttpApiClient.make(Api, { transformClient: HttpClient.mapRequest(HttpClientRequest.prependUrl(options.url)) })
    ).pipe(Layer.provide(layerApiKey(options.apiKey)))
}

/** Every request with the key, and answers in the casing and the version that the client knows, whatever the key's defaults are. */
const layerApiKey = (apiKey: Redacted.Redacted<string>) =>
  HttpApiMiddleware.layerClient(Admission, ({ next, request }) =>
    next(
      HttpClientRequest.setHeaders(request, {
        "x-api-key": Redacted.value(apiKey),
        "key-inflection": "snake",
        "verifa-version": apiVersions.current.date
      })
    )
  )

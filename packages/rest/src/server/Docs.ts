/**
 * The documentation page at `/docs`: Scalar's, with the page's own script in it. No request leaves the machine; a policy in
 * the answer sees to that, whatever the script would like to load.
 */
import { Effect, Scope } from "effect"
import type { Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiScalar } from "effect/http-api"
import { Api } from "../Api.ts"

const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src data:",
  "worker-src blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join("; ")

const headers = { "content-security-policy": policy, "cache-control": "max-age=600", "referrer-policy": "no-referrer" }

/** What would lead away from the machine is hidden: Scalar's own client, its registry and its tools for developers. */
const scalar = {
  withDefaultFonts: false,
  hideClientButton: true,
  showDeveloperTools: "never",
  authentication: { preferredSecurityScheme: "apiKey" }
}

/** The page. Its script has 3 MB, and is loaded when somebody asks for the page first. */
export const layerDocs: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const scope = yield* Effect.scope
    const page = HttpApiScalar.layer(Api, { path: "/docs", scalar })
    const loaded = yield* Effect.cached(Effect.provideService(HttpRouter.toHttpEffect(page), Scope.Scope, scope))
    const answer = Effect.flatten(loaded).pipe(
      Effect.orDie,
      Effect.map((response) => HttpServerResponse.setHeaders(response, headers))
    )
    yield* router.add("GET", "/docs", answer)
  })
)

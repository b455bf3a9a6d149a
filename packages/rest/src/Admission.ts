/**
 * Admission, as clients see it: what stands before every operation, whichever it is. A request has to be readable, needs a key
 * in `X-API-Key`, and is refused with one of these errors.
 */
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import type { Exchange } from "./Exchange.ts"
import { errorBodies } from "./ErrorBodies.ts"

const { badRequest, internalError, notAcceptable, rateLimited, unauthorized, unavailable } = errorBodies

/** Lets a request in, as an `Exchange`, or answers it. */
export class Admission extends HttpApiMiddleware.Service<Admission, { provides: Exchange }>()(
  "@holdfast/rest/Admission",
  {
    security: {
      apiKey: HttpApiSecurity.apiKey({ key: "X-API-Key", in: "header" }).pipe(
        HttpApiSecurity.annotate(OpenApi.Description, "A key reads `vk_live_…` or `vk_sandbox_…`.")
      )
    },
    error: [badRequest, unauthorized, notAcceptable, rateLimited, internalError, unavailable],
    requiredForClient: true
  }
) {}

/**
 * What no operation answers: a path that is not there is 404, a method that a path does not have is 405, and `OPTIONS` says
 * which there are. `HEAD` is wherever `GET` is.
 */
import { FindMyWay, HttpServerResponse } from "effect/http"
import type { HttpServerRequest } from "effect/http"
import type { Form } from "../Exchange.ts"
import { errorResponse, ProtocolError } from "./ErrorMapping.ts"

/** An operation of the API by method and path, such as `GET` and `/api/v1/sessions/:id`. */
export interface Endpoint {
  readonly method: string
  readonly path: `/${string}`
}

/** How paths are read: as they are written. An address that is nearly right is another one. */
export const routerConfig: FindMyWay.RouterConfig = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false,
  maxParamLength: 100
}

const notFound = new ProtocolError({ status: 404, code: "not_found", message: "There is nothing at this path" })

/** Answers the requests that none of these endpoints takes. */
export const makeUnrouted = (
  endpoints: ReadonlyArray<Endpoint>
): ((request: HttpServerRequest.HttpServerRequest, form: Form) => HttpServerResponse.HttpServerResponse) => {
  const paths = FindMyWay.make<string>(routerConfig)
  for (const [path, group] of Map.groupBy(endpoints, (endpoint) => endpoint.path)) {
    const methods = group.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]))
    paths.all(path, [...methods, "OPTIONS"].join(", "))
  }
  return (request, form) => {
    const allow = paths.find("GET", request.url)?.handler
    if (allow === undefined) return errorResponse(notFound, form)
    if (request.method === "OPTIONS") return HttpServerResponse.empty({ status: 204, headers: { allow } })
    const message = `This path takes ${allow}`
    return errorResponse(
      new ProtocolError({ status: 405, code: "malformed_request", message, headers: { allow } }),
      form
    )
  }
}

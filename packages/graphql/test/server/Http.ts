/** Requests as they go over the wire: any header, `Host` too, and nothing added, decoded or followed. */
import { Effect } from "effect"
import { request } from "node:http"
import type { IncomingHttpHeaders } from "node:http"

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** One request on a connection of its own. */
export const send = (
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {}
): Effect.Effect<Answer> =>
  Effect.callback((resume) => {
    const outgoing = request(url, { method: options.method ?? "GET", headers: options.headers ?? {}, agent: false })
    outgoing.on("error", (error) => resume(Effect.die(error)))
    outgoing.on("response", (response) => {
      const { headers, statusCode: status = 0 } = response
      const body = Effect.promise(async () => Buffer.concat(await response.toArray()))
      resume(Effect.map(body, (bytes) => ({ status, headers, body: bytes })))
    })
    outgoing.end(options.body)
  })

/** The JSON of an answer. */
export const jsonOf = ({ body }: Answer): unknown => JSON.parse(body.toString())

/** A GraphQL request by POST. */
export const ask = (url: string, query: string, headers: Record<string, string> = {}) =>
  send(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify({ query })
  })

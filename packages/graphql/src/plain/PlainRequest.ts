/**
 * A plain request as the plugins and the resolvers see it: straight from Node's, with nothing made of it that nobody asks for.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { HttpRequest } from "../Context.ts"

/** A POST whose body was read. */
export class PlainRequest implements HttpRequest {
  readonly method = "POST"
  /** Nothing is left to read. */
  readonly body = null
  readonly headers: HttpRequest["headers"]
  readonly #incoming: IncomingMessage
  readonly #response: ServerResponse
  readonly #bytes: Uint8Array
  #signal: AbortSignal | undefined

  constructor(incoming: IncomingMessage, response: ServerResponse, bytes: Uint8Array) {
    this.#incoming = incoming
    this.#response = response
    this.#bytes = bytes
    const get = (name: string) => {
      const value = incoming.headers[name.toLowerCase()]
      return typeof value === "string" ? value : null
    }
    this.headers = { get, has: (name) => get(name) !== null, keys: () => Object.keys(incoming.headers) }
  }

  get url(): string {
    const { headers, url } = this.#incoming
    return `http://${headers.host ?? "localhost"}${url}`
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#response)
    return this.#signal
  }

  bytes(): Uint8Array {
    return this.#bytes
  }
}

/** Aborted once the connection is closed before the response was written. */
const signalOf = (response: ServerResponse): AbortSignal => {
  const controller = new AbortController()
  const abort = () => {
    if (!response.writableFinished) controller.abort()
  }
  if (response.closed) abort()
  else response.once("close", abort)
  return controller.signal
}

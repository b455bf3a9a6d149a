/**
 * A `node:http` server for the lifetime of a scope. It stops the way a client would like it to: no new connection, idle ones
 * closed, and what is in flight is answered, for as long as the drain allows.
 */
import { Duration, Effect, Schema } from "effect"
import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"

/** Answers one request. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** The server cannot listen; says which variable to change. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", { message: Schema.String }) {}

/** Where a server listens. */
export interface ServeOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** How long requests in flight may take when the server stops; 10 seconds by default. */
  readonly drain?: Duration.Duration | undefined
}

/** A server that listens. */
interface Serving {
  readonly address: string
  readonly port: number
}

/** Slow clients hold a connection, never more: headers in 10 s, the whole request in 30 s, idle for 65 s. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than load balancers keep theirs (60 s), so that none sends a request down a connection that is being closed.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000
}

/** Listens until the scope closes, then drains. `draining` is called when that begins. */
export const serve = Effect.fnUntraced(function* (
  { drain = Duration.seconds(10), host, port }: ServeOptions,
  listener: Listener,
  draining: () => void
) {
  // By connection, because a set of the responses themselves would be made anew all the time, and what V8 has left of the former ones
  // holds all that was in them until the next full collection.
  const newest = new Map<Socket, ServerResponse | null>()
  let inFlight = 0
  const server = createServer(limits, (request, response) => {
    inFlight++
    newest.set(request.socket, response)
    response.on("close", over)
    if (!server.listening) response.setHeader("connection", "close")
    listener(request, response)
  })
  server.on("connection", (socket) => {
    newest.set(socket, null)
    socket.once("close", () => newest.delete(socket))
  })

  /** One for all responses. */
  function over(this: ServerResponse) {
    inFlight--
    const { socket } = this.req
    if (newest.get(socket) === this) newest.set(socket, null)
    if (!server.listening) server.closeIdleConnections()
  }

  const stop = Effect.gen(function* () {
    draining()
    for (const response of newest.values()) {
      if (response?.headersSent === false) response.setHeader("connection", "close")
    }
    yield* Effect.raceFirst(Effect.interruptible(closed(server)), Effect.interruptible(Effect.sleep(drain)))
    if (inFlight > 0) {
      yield* Effect.logWarning(`Requests that took more than ${Duration.format(drain)} were cut off: ${inFlight}`)
    }
    server.closeAllConnections()
  })

  yield* Effect.acquireRelease(listen(server, host, port), () => stop)
  const { address, port: actual } = server.address() as AddressInfo
  return { address, port: actual } satisfies Serving
})

const listen = (server: Server, host: string, port: number) =>
  Effect.callback<void, CannotListen>((resume) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resume(Effect.fail(new CannotListen({ message: reason(error.code, host, port) })))
    server.once("error", failed)
    server.listen(port, host, () => {
      server.off("error", failed)
      resume(Effect.void)
    })
  })

const closed = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
  })

const reason = (code: string | undefined, host: string, port: number): string => {
  switch (code) {
    case "EADDRINUSE":
      return `PORT ${port} is in use on ${host}: stop what listens there, or set PORT to another`
    case "EACCES":
      return `PORT ${port} needs more rights than this process has: set PORT to one above 1023`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `HOST ${host} is not an address of this machine`
    default:
      return `The server cannot listen on HOST ${host}, PORT ${port}: ${code ?? "unknown error"}`
  }
}

/** A server on a port of its own, and a way to ask it. */
import type { Authenticator, IdGenerator, Sessions } from "@holdfast/core"
import { layerTest, provision } from "@holdfast/testing"
import type { Services } from "@holdfast/testing"
import { it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { Layer, Scope } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { makeHandler } from "@holdfast/rest"
import type { HandlerOptions } from "@holdfast/rest"

/** A server that answers until the scope closes; its URL. */
export const serve = (
  options: HandlerOptions = {}
): Effect.Effect<string, never, Sessions | Authenticator | IdGenerator | Scope.Scope> =>
  Effect.gen(function* () {
    const server = createServer(yield* makeHandler(options))
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body, parsed; `null` without one. */
  readonly body: { readonly [name: string]: unknown }
}

/** What to send. A body that is no text is sent as JSON. */
interface Asked {
  readonly headers?: { readonly [name: string]: string }
  readonly body?: unknown
}

/** Asks a server with a key. `/sessions…` is short for `/api/v1/sessions…`. */
export type Ask = (method: string, path: string, asked?: Asked) => Effect.Effect<Answer>

/** Asks a server, with a key unless it is `null`. */
export const asking =
  (url: string, key: Redacted.Redacted<string> | null): Ask =>
  (method, path, { body, headers } = {}) =>
    Effect.promise(async () => {
      const response = await fetch(url + (path.startsWith("/sessions") ? `/api/v1${path}` : path), {
        method,
        headers: {
          ...(key !== null && { "x-api-key": Redacted.value(key) }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) })
      })
      const text = await response.text()
      const isJson = response.headers.get("content-type")?.startsWith("application/json") === true
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson && text !== "" ? JSON.parse(text) : null) as Answer["body"]
      }
    })

/** A tenant, its server, and a session in it. */
export interface World {
  readonly ask: Ask
  readonly url: string
  readonly secret: Redacted.Redacted<string>
  /** The session as it was created, in snake case. */
  readonly session: { readonly [name: string]: unknown; readonly id: string }
  /** Updates that session. */
  readonly patch: (body: unknown, headers?: Asked["headers"]) => Effect.Effect<Answer>
}

/** A tenant with all scopes, a server, and a session with `external_ref: "user-42"` and `metadata: { tier: "gold" }`. */
export const makeWorld = (options: HandlerOptions = {}): Effect.Effect<World, never, Services | Scope.Scope> =>
  Effect.gen(function* () {
    const { secret } = yield* provision()
    const url = yield* serve(options)
    const ask = asking(url, secret)
    const created = yield* ask("POST", "/sessions", {
      body: { external_ref: "user-42", metadata: { tier: "gold" } }
    })
    const session = created.body as World["session"]
    return {
      ask,
      url,
      secret,
      session,
      patch: (body, headers = {}) => ask("PATCH", `/sessions/${session.id}`, { body, headers })
    }
  })

/** Tests over a layer, with the test clock. */
export const testOver =
  <R>(layer: Layer.Layer<R>) =>
  (name: string, body: () => Effect.Effect<unknown, unknown, R | Scope.Scope>, timeout?: number): void =>
    it.effect(name, () => Effect.provide(body(), layer), timeout)

/** A test over the library in memory, with the test clock. */
export const test = testOver(layerTest)

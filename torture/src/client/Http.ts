/** Requests to servers that may be gone: an answer that is complete, or the word that there is none. */
import { Duration, Effect, Schema } from "effect"
import type { Scope } from "effect"
import { Agent, request } from "node:http"

/** There was no answer, or not all of it: what was asked may have been done, or not. */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", { reason: Schema.String }) {}

/** What came back. */
export interface Reply {
  readonly status: number
  readonly text: string
}

/** Sends a body to `/graphql` of the server on a port of this machine. */
export type Post = (
  port: number,
  headers: Readonly<Record<string, string>>,
  body: string
) => Effect.Effect<Reply, NoAnswer>

/** So long a client waits. Longer than any answer of a service that holds what it promises takes. */
const patience = Duration.seconds(15)

/** Keeps connections open, as clients do. */
export const makePost: Effect.Effect<Post, never, Scope.Scope> = Effect.gen(function* () {
  const agent = yield* Effect.acquireRelease(
    Effect.sync(() => new Agent({ keepAlive: true, maxFreeSockets: 4_096 })),
    (agent) => Effect.sync(() => agent.destroy())
  )
  const send: Post = (port, headers, body) =>
    Effect.callback<Reply, NoAnswer>((resume) => {
      const failed = (error: NodeJS.ErrnoException) =>
        resume(Effect.fail(new NoAnswer({ reason: error.code ?? error.message })))
      const length = { "content-type": "application/json", "content-length": Buffer.byteLength(body) }
      const options = { agent, host: "127.0.0.1", port, path: "/graphql", method: "POST" }
      const sent = request({ ...options, headers: { ...headers, ...length } }, (response) => {
        let text = ""
        response.setEncoding("utf8")
        response.on("data", (chunk: string) => (text += chunk))
        response.on("error", failed)
        response.on("end", () => resume(Effect.succeed({ status: response.statusCode ?? 0, text })))
      })
      sent.on("error", failed)
      sent.end(body)
      return Effect.sync(() => sent.destroy())
    })
  return (port, headers, body) =>
    Effect.timeoutOrElse(send(port, headers, body), {
      duration: patience,
      orElse: () => Effect.fail(new NoAnswer({ reason: `no answer within ${Duration.format(patience)}` }))
    })
})

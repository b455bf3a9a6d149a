/**
 * Proxy: stands between servers and PostgreSQL, and cuts connections where it hurts: before a commit is forwarded, so that it
 * never happened, or after the database has answered it, so that it happened and nobody was told. To whoever is cut off the
 * two look the same.
 *
 * A commit is a `COMMIT`, or a statement outside of a transaction that writes to the tables of sessions. What a client sends
 * up to its next sync is held back until it is complete, and then forwarded or dropped as one.
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import { connect, createServer } from "node:net"
import type { Socket } from "node:net"
import { isEncryptionRequest, makeSplitter, texts } from "./Wire.ts"
import type { Message } from "./Wire.ts"

/** What becomes of a commit. */
type Fate = "pass" | "cut before" | "cut after"

/** How to stand in between. */
export interface ProxyOptions {
  /** Where to listen. */
  readonly port: number
  /** Where PostgreSQL listens. */
  readonly upstream: number
  /** Decides about a commit. */
  readonly fate: () => Fate
  /** Is told of a cut once it is sure: of one before, when it was dropped; of one after, when the database has committed. */
  readonly onCut: (cut: "before" | "after") => void
}

/** Listens until the scope closes. */
export const startProxy = (options: ProxyOptions): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const open = new Set<Socket>()
    const server = createServer((client) => {
      const upstream = connect(options.upstream, "127.0.0.1")
      for (const socket of [client, upstream]) {
        socket.setNoDelay(true)
        open.add(socket)
        // An error is followed by the end, and that is all there is to know of it.
        socket.on("error", () => {})
        socket.once("close", () => {
          open.delete(socket)
          client.destroy()
          upstream.destroy()
        })
      }
      relay(client, upstream, options)
    })
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => {
        server.listen(options.port, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          for (const socket of open) socket.destroy()
        })
    )
  })

const relay = (client: Socket, upstream: Socket, { fate, onCut }: ProxyOptions): void => {
  const statements = makeStatements()
  const [fromClient, fromServer] = [makeSplitter("client"), makeSplitter("server")]
  let held: Array<Buffer> = []
  let commits = false
  // Answers are counted by the `ReadyForQuery` that ends each: those that are due, and those that have come.
  let [due, came] = [1, 0]
  let lastAnswer = Infinity
  let isCommitted = false

  const cut = () => {
    client.resetAndDestroy()
    upstream.destroy()
  }

  const forward = (answered: boolean) => {
    if (answered) due++
    upstream.write(Buffer.concat(held))
    held = []
    commits = false
  }

  const decide = () => {
    switch (commits && lastAnswer === Infinity ? fate() : "pass") {
      case "cut before":
        onCut("before")
        return cut()
      case "cut after":
        lastAnswer = due
        return forward(true)
      case "pass":
        return forward(true)
    }
  }

  client.on("data", (chunk: Buffer) => {
    for (const message of fromClient(chunk)) {
      if (isEncryptionRequest(message)) {
        client.write("N")
        continue
      }
      held.push(message.bytes)
      if (statements.isCommit(message)) commits = true
      if (message.type === "Q" || message.type === "S") decide()
      else if (!"PBEDC".includes(message.type) || message.type === "") forward(false)
    }
  })

  upstream.on("data", (chunk: Buffer) => {
    for (const message of fromServer(chunk)) {
      if (came === lastAnswer && message.type === "C") isCommitted = true
      if (came < lastAnswer) client.write(message.bytes)
      if (message.type !== "Z") continue
      came++
      if (came <= lastAnswer) continue
      if (isCommitted) onCut("after")
      return cut()
    }
  })
}

/** Follows the statements of a connection. Says of a message whether it commits something. */
const makeStatements = () => {
  const prepared = new Map<string, string>()
  const portals = new Map<string, string>()
  let inTransaction = false

  const run = (sql: string): boolean => {
    const isCommit = /^\s*(commit|end)\b/i.test(sql) || (!inTransaction && isWrite(sql))
    if (/^\s*(begin|start)\b/i.test(sql)) inTransaction = true
    if (/^\s*(commit|end|rollback)\b(?!\s+to)/i.test(sql)) inTransaction = false
    return isCommit
  }

  return {
    isCommit: (message: Message): boolean => {
      const [first = "", second = ""] = texts(message, 2)
      switch (message.type) {
        case "P":
          prepared.set(first, second)
          return false
        case "B":
          portals.set(first, prepared.get(second) ?? "")
          return false
        case "E":
          return run(portals.get(first) ?? "")
        case "Q":
          return run(first)
        default:
          return false
      }
    }
  }
}

const isWrite = (sql: string): boolean =>
  /^\s*(with|insert|update|delete|merge)\b/i.test(sql) &&
  /\b(insert\s+into|update|delete\s+from)\s+"?(sessions|idempotency_records|events)\b/i.test(sql)

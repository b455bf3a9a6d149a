/** A network that misbehaves on command: a proxy in front of a database. */
import { Effect } from "effect"
import { once } from "node:events"
import { connect, createServer } from "node:net"
import type { AddressInfo, Socket } from "node:net"

/** Cuts the connection when bytes with this text come from the client: before the server has seen them, or when it has answered. */
interface Cut {
  readonly text: string
  readonly when: "before" | "after"
}

/** The proxy. */
interface Proxy {
  /** The URL of the database, by way of the proxy. */
  readonly url: string
  /** Arms one cut. */
  readonly cut: (cut: Cut) => Effect.Effect<void>
  /** The texts of the statements that clients have sent. */
  readonly statements: Effect.Effect<ReadonlySet<string>>
  /** Whether a client has sent these texts, all of them in one statement or one value. */
  readonly hasSent: (...texts: ReadonlyArray<string>) => Effect.Effect<boolean>
  /** Ends every connection, and waits until the clients have ended theirs as well: so they have heard of it. */
  readonly cutAll: Effect.Effect<void>
  /** From now on nothing comes through and nothing is refused; what was open stays open for ever. */
  readonly swallow: Effect.Effect<void>
  /** From now on new connections come through. Those that were swallowed stay as they are. */
  readonly heal: Effect.Effect<void>
}

/** A proxy in front of the database of the URL, for as long as the scope. */
export const makeProxy = Effect.fnUntraced(function* (database: string) {
  const target = new URL(database)
  const open = new Set<Socket>()
  const clients = new Set<Socket>()
  const held = new Set<Socket>()
  /** All that clients have sent, piece by piece. */
  const pieces = new Set<string>()
  let armed: Cut | undefined
  let swallows = false

  const server = createServer((client) => {
    open.add(client)
    clients.add(client)
    client.on("error", () => undefined)
    client.on("close", () => {
      open.delete(client)
      clients.delete(client)
    })
    if (swallows) {
      held.add(client)
      return
    }
    const upstream = connect(Number(target.port), target.hostname)
    open.add(upstream)
    const end = () => {
      open.delete(upstream)
      client.destroy()
      upstream.destroy()
    }
    upstream.on("error", end).on("close", end)
    client.on("close", () => void (held.has(client) || end()))
    let answering = false
    client.on("data", (data) => {
      if (swallows || held.has(client)) return void held.add(client)
      if (armed !== undefined && data.includes(armed.text)) {
        const { when } = armed
        armed = undefined
        if (when === "before") return end()
        answering = true
      }
      for (const text of data.toString("utf8").split("\0")) pieces.add(text)
      upstream.write(data)
    })
    upstream.on("data", (data) => {
      if (swallows || held.has(client)) return void held.add(client)
      if (answering) return end()
      client.write(data)
    })
  })

  yield* Effect.acquireRelease(
    Effect.promise(async () => {
      // Below the ports of outgoing connections.
      for (let port = 19_000; ; port++) {
        server.listen(port, "127.0.0.1")
        const listening = await once(server, "listening").then(
          () => true,
          () => false
        )
        if (listening) return
      }
    }),
    () =>
      Effect.promise(async () => {
        for (const socket of open) socket.destroy()
        server.close()
        await once(server, "close")
      })
  )
  const url = new URL(database)
  url.port = String((server.address() as AddressInfo).port)

  return {
    url: url.href,
    cut: (cut) => Effect.sync(() => void (armed = cut)),
    statements: Effect.sync(() => new Set([...pieces].filter(isStatement))),
    hasSent: (...texts) => Effect.sync(() => [...pieces].some((piece) => texts.every((text) => piece.includes(text)))),
    cutAll: Effect.promise(() => Promise.all([...clients].map(ended))).pipe(Effect.asVoid),
    swallow: Effect.sync(() => void (swallows = true)),
    heal: Effect.sync(() => void (swallows = false))
  } satisfies Proxy
})

const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once("close", () => resolve())
    // What is left unread would keep the end of the other side from being read.
    socket.resume().end()
  })

const isStatement = (text: string) => /^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT|LOCK)\b/.test(text)

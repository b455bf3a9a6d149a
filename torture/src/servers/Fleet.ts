/** Fleet: servers on ports of this machine that share one database, and can be killed and started one by one. */
import { Effect } from "effect"
import type { Scope } from "effect"
import { once } from "node:events"
import { createServer } from "node:net"
import { join } from "node:path"
import type { Dice } from "../Dice.ts"
import { executable, start } from "./Process.ts"
import type { Environment, Process } from "./Process.ts"

/** Servers, by number from 0. */
export interface Fleet {
  readonly ports: ReadonlyArray<number>
  /** `kill -9`, waits for the end of the process, and starts another at once on the same port. */
  readonly replace: (server: number) => Effect.Effect<void>
  /** Waits until the server says that it is ready. */
  readonly ready: (server: number) => Effect.Effect<void>
  /** Tells all servers to stop, and waits until they have. */
  readonly stop: Effect.Effect<void>
}

/** What a fleet needs. */
export interface FleetOptions {
  readonly ports: ReadonlyArray<number>
  readonly env: Environment
  /** Where the logs go. */
  readonly directory: string
  /** Is told what a server did that it should not have done. */
  readonly complain: (complaint: string) => void
}

/** Starts servers, and kills them with the scope. It does not wait until they are ready. */
export const startFleet = Effect.fnUntraced(function* ({
  complain,
  directory,
  env,
  ports
}: FleetOptions): Effect.fn.Return<Fleet, never, Scope.Scope> {
  const expected = new Set<Process>()

  const scope = yield* Effect.scope

  const launch = (port: number) =>
    Effect.gen(function* () {
      const log = join(directory, `server-${port}.log`)
      const server = start(process.execPath, [executable, "start"], { env: { ...env, PORT: String(port) }, log })
      const watch = Effect.map(server.ended, (code) => {
        if (!expected.has(server)) complain(`the server on port ${port} ended by itself with ${code}; see ${log}`)
      })
      yield* Effect.forkIn(watch, scope)
      return server
    })

  const end = (server: Process, signal: NodeJS.Signals) =>
    Effect.suspend(() => {
      expected.add(server)
      server.signal(signal)
      return server.ended
    })

  const servers = yield* Effect.acquireRelease(Effect.forEach(ports, launch), (servers) =>
    Effect.forEach(servers, (server) => end(server, "SIGKILL"), { concurrency: "unbounded" })
  )

  return {
    ports,
    replace: Effect.fnUntraced(function* (number) {
      const [port, server] = [ports[number], servers[number]]
      if (port === undefined || server === undefined) return
      yield* end(server, "SIGKILL")
      servers[number] = yield* launch(port)
    }),
    ready: (number) => ready(ports[number] ?? 0),
    stop: Effect.forEach(
      servers,
      (server, number) =>
        Effect.map(end(server, "SIGTERM"), (code) => {
          if (code !== 0) complain(`the server on port ${ports[number]} was told to stop, and ended with ${code}`)
        }),
      { concurrency: "unbounded", discard: true }
    )
  }
})

const says =
  (path: string) =>
  (port: number): Effect.Effect<boolean> =>
    Effect.tryPromise((signal) => fetch(`http://127.0.0.1:${port}${path}`, { signal })).pipe(
      Effect.match({ onSuccess: ({ ok }) => ok, onFailure: () => false })
    )

/** Whether the process of a server lives. */
export const isAlive = says("/health")

const isReady = says("/ready")

/** Waits until the server on a port says that it is ready. */
export const ready = (port: number): Effect.Effect<void> =>
  isReady(port).pipe(
    Effect.tap((done) => (done ? Effect.void : Effect.sleep("30 millis"))),
    Effect.repeat({ until: (done) => done }),
    Effect.asVoid
  )

/** Free ports, below those that outgoing connections take: a server that is started again must find its own port free. */
export const freePorts = (dice: Dice, count: number): Effect.Effect<ReadonlyArray<number>> =>
  Effect.promise(async () => {
    const found = new Set<number>()
    while (found.size < count) {
      const port = dice.between(10_000, 19_999)
      if (await isFree(port)) found.add(port)
    }
    return [...found]
  })

const isFree = async (port: number): Promise<boolean> => {
  const probe = createServer().listen(port, "127.0.0.1")
  try {
    await once(probe, "listening")
  } catch {
    return false
  }
  probe.close()
  await once(probe, "close")
  return true
}

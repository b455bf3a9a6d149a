/**
 * A PostgreSQL server of one's own: made in a temporary directory, started on a free port of 127.0.0.1, crashed and started again
 * at will, and gone with its scope. It is a real server, as in production, not an emulation.
 */
import { Effect, Schema } from "effect"
import type { Scope } from "effect"
import { execFile, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { randomInt } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { findBinaries } from "./Binaries.ts"
import type { Binaries } from "./Binaries.ts"
import { freshDatabase, waitUntilReady } from "./Database.ts"
import type { DatabaseOptions } from "./Database.ts"

/** The server could not be made or started. */
export class PostgresFailed extends Schema.TaggedError<PostgresFailed>()("PostgresFailed", {
  step: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `PostgreSQL could not ${this.step}: ${this.cause instanceof Error ? this.cause.message : String(this.cause)}`
  }
}

/** How to start a server. */
export interface PostgresOptions {
  /** Whether commits are synced to the disk, as in production. `true` unless said otherwise; `false` is faster, and a crash of the machine loses data. */
  readonly fsync?: boolean
  /** How many connections there can be. 300 unless said otherwise. */
  readonly maxConnections?: number
  /** Other settings, by name. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A server that runs, until it is told otherwise. */
export interface Postgres {
  /** Of its database `postgres`, with the name of a superuser and a password. */
  readonly url: string
  readonly port: number
  /** Makes a database, which is dropped with the scope; its URL. */
  readonly createDatabase: (options?: DatabaseOptions) => Effect.Effect<string, PostgresFailed, Scope.Scope>
  /** Stops it as a crash would: connections are cut, nothing is written, and the next start recovers from the log. */
  readonly crash: Effect.Effect<void>
  /** Stops it in order: connections are told (57P01) and cut. */
  readonly stop: Effect.Effect<void>
  /** Starts it again, and waits until it answers. */
  readonly start: Effect.Effect<void, PostgresFailed>
  /** Stops it in order and starts it again. */
  readonly restart: Effect.Effect<void, PostgresFailed>
}

/** Ports below those that outgoing connections take, so that no connection is ever in the way of a start. */
const ports = { from: 20_000, to: 32_000 }

/** Makes and starts a server. It is stopped, and all that is left of it removed, with the scope. */
export const startPostgres = Effect.fn("startPostgres")(function* (
  options: PostgresOptions = {}
): Effect.fn.Return<Postgres, PostgresFailed, Scope.Scope> {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "holdfast-postgres-"))),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))
  )
  const binaries = yield* attempt("be found", () => findBinaries(directory))
  const data = join(directory, "data")
  yield* attempt("make its files", () => initialize(binaries, directory, data))
  const port = yield* attempt("find a free port", freePort)
  const url = `postgres://postgres:not-a-secret@127.0.0.1:${port}/postgres`

  let server: ChildProcess | undefined
  const halt = (signal: NodeJS.Signals) =>
    Effect.promise(async () => {
      const running = server
      server = undefined
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
      const gone = once(running, "exit")
      running.kill(signal)
      await gone
    })

  const start = Effect.gen(function* () {
    const output: Array<string> = []
    server = spawn(binaries.postgres, ["-D", data, "-p", String(port), ...flags(options)], {
      ...binaries.as,
      cwd: directory,
      stdio: ["ignore", "ignore", "pipe"]
    })
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output.push(text)
      if (output.length > 50) output.shift()
    })
    const failed = once(server, "exit").then(() => {
      throw new Error(`It ended at once. ${output.join("")}`)
    })
    yield* Effect.raceFirst(
      attempt("start", () => failed),
      Effect.mapError(waitUntilReady(url), (cause) => new PostgresFailed({ step: "answer", cause }))
    )
  })

  yield* Effect.acquireRelease(start, () => halt("SIGQUIT"))
  // A process that ends before its scope is closed takes the server with it.
  const abandon = () => {
    server?.kill("SIGQUIT")
    // Nothing asynchronous happens any more; what still runs would write into the directory.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => process.once("exit", abandon)),
    () => Effect.sync(() => process.off("exit", abandon))
  )
  return {
    url,
    port,
    createDatabase: (options) =>
      Effect.mapError(freshDatabase(url, options), (cause) => new PostgresFailed({ step: "make a database", cause })),
    crash: halt("SIGQUIT"),
    stop: halt("SIGINT"),
    start,
    restart: Effect.andThen(halt("SIGINT"), start)
  }
})

const attempt = <A>(step: string, work: () => Promise<A>): Effect.Effect<A, PostgresFailed> =>
  Effect.tryPromise({ try: work, catch: (cause) => new PostgresFailed({ step, cause }) })

/** Text sorts by the rules of a language here, as on many a server, so that whoever wants bytes has to say so. */
const initialize = async (binaries: Binaries, directory: string, data: string): Promise<void> => {
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
  const access = ["--username=postgres", "--auth=trust", "--no-sync"]
  await promisify(execFile)(binaries.initdb, ["-D", data, ...locale, ...access], { ...binaries.as, cwd: directory })
}

/** Each `-c name=value`. */
const flags = ({ fsync = true, maxConnections = 300, settings = {} }: PostgresOptions): ReadonlyArray<string> =>
  Object.entries({
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: String(maxConnections),
    ...(!fsync && { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ...settings
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`])

const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < 50; tries++) {
    const port = randomInt(ports.from, ports.to)
    const probe = createServer().listen(port, "127.0.0.1")
    const free = await once(probe, "listening").then(
      () => true,
      () => false
    )
    if (free) {
      probe.close()
      await once(probe, "close")
      return port
    }
  }
  throw new Error("All ports that were tried are taken")
}

/** The executable as a process of its own, with an environment that holds nothing but what is given. */
import { Effect } from "effect"
import type { Scope } from "effect"
import { spawn } from "node:child_process"
import type { ChildProcessByStdio } from "node:child_process"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { vi } from "vitest"

// Processes take their time to start where many tests run at once.
vi.setConfig({ testTimeout: 120_000 })

const bin = fileURLToPath(new URL("../../src/bin.js", import.meta.url))

export interface Where {
  /** The directory that it runs in. */
  readonly cwd: string
  readonly env?: Record<string, string> | undefined
}

/** What became of a command. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const begin = (args: ReadonlyArray<string>, { cwd, env = {} }: Where) => {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const output = { stdout: "", stderr: "" }
  child.stdout.on("data", (chunk) => (output.stdout += String(chunk)))
  child.stderr.on("data", (chunk) => (output.stderr += String(chunk)))
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, ...output }))
  })
  return { child, ended }
}

/** Runs a command to its end. */
export const holdfast = (args: ReadonlyArray<string>, where: Where): Effect.Effect<Ended> =>
  Effect.promise(() => begin(args, where).ended)

/** A server in a process of its own. */
export interface Running {
  readonly url: string
  /** Sends a signal. */
  readonly signal: (name: "SIGTERM" | "SIGINT") => void
  /** How it ends. */
  readonly ended: Effect.Effect<Ended>
}

/** Starts the server on a free port; it is killed with the test. Dies with what it said if it does not come to serve. */
export const startServer = (where: Where): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.gen(function* () {
    const env = { PORT: "0", ...where.env }
    const { child, ended } = yield* Effect.acquireRelease(
      Effect.sync(() => begin(["start"], { ...where, env })),
      ({ child, ended }) => Effect.promise(() => (child.kill("SIGKILL"), ended))
    )
    return {
      url: yield* Effect.promise(() => urlOf(child, ended)),
      signal: (name) => void child.kill(name),
      ended: Effect.promise(() => ended)
    }
  })

const urlOf = (child: ChildProcessByStdio<null, Readable, Readable>, ended: Promise<Ended>) =>
  new Promise<string>((resolve, reject) => {
    let said = ""
    child.stderr.on("data", (chunk) => {
      said += String(chunk)
      const url = /served on (http:\S+)\/graphql/.exec(said)?.[1]
      if (url !== undefined) resolve(url)
    })
    void ended.then(({ code, stderr }) => reject(new Error(`The server ended with ${code}: ${stderr}`)))
  })

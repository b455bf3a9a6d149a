/** Processes that can be killed, with what they say kept in a file. */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The executable that is tortured. */
export const executable = fileURLToPath(new URL("../../../packages/graphql/src/bin.js", import.meta.url))

/** What a process is given of its own: nothing comes from the environment of this one but where programs are. */
export type Environment = Readonly<Record<string, string>>

/** A process. */
export interface Process {
  /** Sends a signal; nothing happens if it has ended. */
  readonly signal: (signal: NodeJS.Signals) => void
  /** Waits for its end: the exit code, or `null` if a signal ended it. */
  readonly ended: Effect.Effect<number | null>
}

/** How to start a process. */
interface StartOptions {
  readonly env: Environment
  /** What it writes, to stdout and to stderr, is appended to this file. */
  readonly log: string
  /** Ends it when this process ends first; `kill -9` unless given. */
  readonly atExit?: () => void
}

/** What must not outlive this process, however it ends. */
const running = new Set<() => void>()
process.once("exit", () => {
  for (const end of running) end()
})

/** Starts a program. */
export const start = (program: string, args: ReadonlyArray<string>, options: StartOptions): Process => {
  const { env, log } = options
  const output = openSync(log, "a")
  const child = spawn(program, args, {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", output, output]
  })
  closeSync(output)
  const { atExit = () => child.kill("SIGKILL") } = options
  running.add(atExit)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("exit", resolve)
    child.once("error", reject)
  })
  const forget = () => running.delete(atExit)
  ended.then(forget, forget)
  return { signal: (signal) => void child.kill(signal), ended: Effect.promise(() => ended) }
}

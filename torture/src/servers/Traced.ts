/**
 * Traced: servers that run together under one `strace`, which writes down what they do to their files and, on demand, lets
 * system calls fail.
 */
import { Effect, Schema } from "effect"
import type { Scope } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { makeDisk } from "../disk/Disk.ts"
import type { AtRisk } from "../disk/Disk.ts"
import { readTrace, recorded } from "../disk/Trace.ts"
import { executable, start } from "./Process.ts"
import type { Environment } from "./Process.ts"

/** The scenario cannot be run on this machine. */
export class CannotRun extends Schema.TaggedError<CannotRun>()("CannotRun", { reason: Schema.String }) {}

/** Servers that run until they are killed. */
export interface Traced {
  /** `kill -9` for all of them, and what they left behind. */
  readonly kill: Effect.Effect<Remains>
}

/** What killed servers left behind. */
export interface Remains {
  /** What of each file is not safe. */
  readonly atRisk: ReadonlyArray<AtRisk>
  /** How many system calls were made to fail. */
  readonly injected: number
  /** Whether any write to the files was seen. */
  readonly isTraced: boolean
}

/** What traced servers need. */
export interface TracedOptions {
  readonly ports: ReadonlyArray<number>
  readonly env: Environment
  readonly directory: string
  /** The files to keep an eye on. */
  readonly files: ReadonlyArray<string>
  /** Which system calls fail, in the words of strace, such as `fsync:error=EIO:when=7+3`. */
  readonly inject?: string | undefined
}

/** Fails where there is no `strace`. */
export const needStrace: Effect.Effect<void, CannotRun> = Effect.try({
  try: () => void execFileSync("strace", ["--seccomp-bpf", "-f", "-e", "trace=fsync", "-o", "/dev/null", "true"]),
  catch: () => new CannotRun({ reason: "there is no strace that could be used (Debian package strace)" })
})

/** Each server is a process of its own, whose number is noted; `wait` keeps them together. */
const script = `for port in "$@"; do PORT=$port "$NODE" "$SERVER" start & echo $! >> "$PIDS"; done; wait`

/** Starts the servers. They are killed with the scope. */
export const startTraced = Effect.fnUntraced(function* ({
  directory,
  env,
  files,
  inject,
  ports
}: TracedOptions): Effect.fn.Return<Traced, never, Scope.Scope> {
  const trace = join(directory, "trace")
  const log = join(directory, "traced.log")
  const pids = join(directory, "pids")
  const lengths = new Map(files.flatMap((path) => sizeOf(path)))
  for (const file of [trace, pids]) rmSync(file, { force: true })
  const args = ["-f", "-y", "--seccomp-bpf", "-s", "0", "-o", trace, "-e", `trace=${recorded.join(",")}`]
  if (inject !== undefined) args.push("-e", `inject=${inject}`)
  const command = ["sh", "-c", script, "sh", ...ports.map(String)]
  const killed = new Set<string>()
  const killAll = () => {
    for (const pid of read(pids).split("\n")) {
      if (pid === "" || killed.has(pid)) continue
      killed.add(pid)
      kill(Number(pid))
    }
  }
  const strace = start("strace", [...args, ...command], {
    env: { ...env, NODE: process.execPath, SERVER: executable, PIDS: pids },
    log,
    atExit: killAll
  })
  // The shell may still be starting servers, so that their numbers are looked for until all have ended.
  const killing = Effect.forever(Effect.andThen(Effect.sync(killAll), Effect.sleep("50 millis")))
  let isRunning = true
  const end = Effect.suspend(() => (isRunning ? Effect.raceFirst(strace.ended, killing) : Effect.void)).pipe(
    Effect.tap(() => Effect.sync(() => (isRunning = false)))
  )
  yield* Effect.addFinalizer(() => end)

  return {
    kill: Effect.map(end, () => {
      const disk = makeDisk(lengths)
      const written = new Set<string>()
      let injected = 0
      for (const event of readTrace(read(trace))) {
        disk.apply(event)
        if (event.moment === "begin" && event.operation.type === "write") written.add(event.operation.path)
        if (event.moment === "end" && event.injected) injected++
      }
      return { atRisk: files.map(disk.atRisk), injected, isTraced: files.some((path) => written.has(path)) }
    })
  }
})

const sizeOf = (path: string): ReadonlyArray<readonly [string, number]> => {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? [] : [[path, stats.size]]
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}

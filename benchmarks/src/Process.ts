/** Processes: each on a processor of its own where the system can do that, watched, and gone when this one ends. */
import { spawn, spawnSync } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"

/** Processor of what is measured. */
export const measuredCore = 0

/** Processor of the load. */
export const loadCore = 1

/** Whether a process can be kept on one processor, and there is one for each side. */
export const canPin = availableParallelism() > 1 && spawnSync("taskset", ["--version"]).status === 0

const folder = fileURLToPath(new URL("..", import.meta.url))
const running = new Set<ChildProcess>()
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

/** A process of Node. */
export interface Started {
  readonly child: ChildProcess
  readonly pid: number
  /** What it wrote to stderr last. */
  readonly complaints: () => string
  /** Lets it run, or holds it: it gets no processor until it runs again. */
  readonly run: (running: boolean) => void
  /** Ends it: kindly, and after ten seconds not. */
  readonly stop: () => Promise<void>
}

/** How to start a process. */
export interface StartOptions {
  /** A file of this package, options of Node before it and its arguments behind it. */
  readonly program: readonly [string, ...ReadonlyArray<string>]
  readonly core: number
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a program on a processor, with a channel for messages. */
export const start = ({ core, env, program }: StartOptions): Started => {
  const command = [process.execPath, ...program]
  const [file = "", ...args] = canPin ? ["taskset", "-c", String(core), ...command] : command
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "ignore", "pipe", "ipc"]
  })
  running.add(child)
  child.once("exit", () => running.delete(child))
  let complaints = ""
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-4_000)
  })
  return {
    child,
    pid: child.pid ?? 0,
    complaints: () => complaints,
    run: (running) => void child.kill(running ? "SIGCONT" : "SIGSTOP"),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, "exit")
      child.kill("SIGTERM")
      child.kill("SIGCONT")
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000)
      await gone
      clearTimeout(late)
    }
  }
}

/** What a process has used since it began. */
export interface Usage {
  /** Seconds of a processor, in user and system mode. */
  readonly cpu: number
  /** Memory that it has in use now, in bytes. */
  readonly memory: number
  /** The most memory that it had in use, in bytes. */
  readonly peak: number
}

/** Reads it from the system; `NaN` where the system does not say. */
export const usageOf = (pid: number): Usage => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // Behind the name of the program, which may hold spaces: the 12th and 13th field, in hundredths of a second.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    const status = readFileSync(`/proc/${pid}/status`, "utf8")
    const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1_024
    return {
      cpu: (Number(fields[11]) + Number(fields[12])) / 100,
      memory: kilobytes("VmRSS"),
      peak: kilobytes("VmHWM")
    }
  } catch {
    return { cpu: Number.NaN, memory: Number.NaN, peak: Number.NaN }
  }
}

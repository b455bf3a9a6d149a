/** `pnpm bench`: measures, says how far it is on stderr, and prints the tables on stdout. `--help` says what can be asked. */
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { availableParallelism, cpus } from "node:os"
import { barTable } from "./Bars.ts"
import { contenders } from "./Contenders.ts"
import { openLab } from "./Lab.ts"
import { help, readOptions } from "./Options.ts"
import type { Options } from "./Options.ts"
import { canPin, loadCore, measuredCore } from "./Process.ts"
import { toMarkdown } from "./Report.ts"
import type { Bench, Findings } from "./suites/Suite.ts"

const print = (text: string) => void process.stdout.write(`${text}\n`)

/** The suites that were asked for, in their order. Each is loaded when its turn comes. */
async function* findings(bench: Bench): AsyncGenerator<readonly [name: string, findings: Findings]> {
  const asked = new Set(bench.options.suites)
  const [fresh, replays] = [asked.has("throughput"), asked.has("replay")]
  if (fresh || replays) {
    const { throughput } = await import("./suites/Throughput.ts")
    yield ["throughput", await throughput(bench, { fresh, replays })]
  }
  if (asked.has("latency")) yield ["latency", await (await import("./suites/Latency.ts")).latency(bench)]
  if (asked.has("startup")) yield ["startup", await (await import("./suites/Startup.ts")).startup(bench)]
  if (asked.has("growth")) yield ["growth", await (await import("./suites/Growth.ts")).growth(bench)]
  if (asked.has("memory")) yield ["memory", await (await import("./suites/Memory.ts")).memory(bench)]
}

const machine = () => ({
  date: new Date().toISOString(),
  node: process.version,
  system: execFileSync("uname", ["-srm"], { encoding: "utf8" }).trim(),
  processor: cpus()[0]?.model ?? "unknown",
  processors: availableParallelism(),
  pinned: canPin
})

const measure = async (options: Options): Promise<void> => {
  const begun = performance.now()
  const say = (text: string) => {
    const seconds = Math.round((performance.now() - begun) / 1_000)
    process.stderr.write(`${String(seconds).padStart(5)} s  ${text}\n`)
  }
  const about = machine()
  const figures: Record<string, unknown> = { machine: about }
  const bars: Record<string, number> = {}
  const failures: Array<string> = []
  await using lab = openLab()
  const interrupted = () => void Promise.resolve(lab[Symbol.asyncDispose]()).finally(() => process.exit(130))
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted)

  const where = canPin
    ? `contenders on processor ${measuredCore}, the load on processor ${loadCore}, PostgreSQL on any`
    : "processes could not be kept on processors of their own here"
  print(
    `## Benchmarks\n\n${about.date}, Node ${about.node}, ${about.system}, ${about.processors} × ${about.processor}; ${where}.\n`
  )
  for await (const [name, found] of findings({ lab, options, say })) {
    for (const table of found.tables) print(toMarkdown(table))
    figures[name] = found.figures
    Object.assign(bars, found.bars)
    failures.push(...found.failures)
  }
  const table = barTable(bars)
  if (table !== null) print(toMarkdown(table))
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify({ ...figures, bars }, null, 2)}\n`)
  for (const failure of failures) process.stderr.write(`FAILED  ${failure}\n`)
  if (failures.length > 0) process.exitCode = 1
}

const args = process.argv.slice(2)
if (args.includes("--help")) print(help)
else if (args.includes("--list")) {
  for (const { engine, name, note, role } of contenders)
    print([name.padEnd(22), role.padEnd(10), engine.padEnd(9), note].join(" "))
} else {
  try {
    await measure(readOptions(args))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
  }
}

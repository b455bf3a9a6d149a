/** A limit: `pgbench`, the benchmark that comes with PostgreSQL, running the statement of `RawPostgres.ts`. */
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { sessionIdAt } from "../Job.ts"
import { drive } from "../load/Driver.ts"
import { takeSample } from "../raw/Sample.ts"
import { updateStatement } from "../raw/Statement.ts"
import { latencyOf } from "../Statistics.ts"

const no = async () => {
  throw new Error("pgbench sends its updates itself")
}

drive(async (place) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-pgbench-"))
  const script = join(folder, "update.sql")
  const statement = updateStatement(
    `SELECT :number::text AS number, ${sessionIdAt(":place")} AS session`,
    await takeSample(place)
  )
  let measurements = 0

  const write = (clients: number) => {
    // Each client has sessions of its own, and every measurement numbers of its own.
    const each = Math.floor(place.dataset.sessions / clients)
    const first = 100_000_000_000 + ++measurements * 1_000_000_000
    const lines = [
      `\\set place :client_id * ${each} + random(0, ${each - 1})`,
      `\\set number ${first} + :client_id * 10000000 + :turn`,
      "\\set turn :turn + 1",
      `${statement};`
    ]
    writeFileSync(script, `${lines.join("\n")}\n`)
  }

  return {
    prepare: async () => {},
    send: () => void no(),
    once: no,
    close: async () => rmSync(folder, { recursive: true, force: true }),
    measure: async ({ concurrency }, seconds) => {
      write(concurrency)
      const log = join(folder, `log-${measurements}`)
      // It counts in whole seconds.
      const elapsed = Math.ceil(seconds)
      const given = ["-n", "-M", "prepared", "-c", String(concurrency), "-j", "1", "-T", String(elapsed)]
      await promisify(execFile)(
        "pgbench",
        [...given, "-D", "turn=0", "-l", `--log-prefix=${log}`, "-f", script, place.databaseUrl],
        { cwd: folder }
      )
      // client, transaction, microseconds, …
      const latencies = readdirSync(folder)
        .filter((name) => name.startsWith(`log-${measurements}.`))
        .flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"))
        .map((line) => Number(line.split(" ")[2]) / 1_000)
      const count = latencies.length
      return {
        count,
        seconds: elapsed,
        throughput: count / elapsed,
        latency: latencyOf(latencies),
        errors: 0,
        problems: []
      }
    }
  }
})

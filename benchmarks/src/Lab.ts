/**
 * The lab: where contenders are started, each on a database of its own that is filled before. SQLite files are in
 * `benchmarks/data`, on the disk of the checkout, because temporary directories are often in memory; the PostgreSQL server is
 * started when it is first needed, with `fsync` on, and runs on whichever processor is free.
 */
import { freshDatabase, startPostgres } from "@holdfast/tool-postgres"
import type { Postgres } from "@holdfast/tool-postgres"
import { Effect, Exit, Scope } from "effect"
import { randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Contender } from "./Contender.ts"
import { defaultDataset } from "./Job.ts"
import type { Dataset } from "./Job.ts"
import { startContender } from "./Running.ts"
import type { Running } from "./Running.ts"
import { seedByHand } from "./seed/ByHand.ts"
import { seedHoldfast } from "./seed/Holdfast.ts"

/** Starts contenders, and cleans up. */
export interface Lab extends AsyncDisposable {
  /** Starts a contender on a database of its own. It runs until it is stopped, or the lab is closed. */
  readonly start: (contender: Contender, dataset?: Partial<Dataset>) => Promise<Running>
  /** Starts a contender again on the database that it had. */
  readonly restart: (running: Running) => Promise<Running>
}

const data = fileURLToPath(new URL("../data", import.meta.url))
const noApiKey = "no-api-key"

/** Opens a lab, with a PostgreSQL server of its own unless the URL of one is given. */
export const openLab = ({ postgresUrl }: { readonly postgresUrl?: string } = {}): Lab => {
  mkdirSync(data, { recursive: true })
  const folder = mkdtempSync(join(data, "run-"))
  const erase = () => rmSync(folder, { recursive: true, force: true })
  process.once("exit", erase)
  const scope = Scope.makeUnsafe()
  const inScope = <A, E>(work: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Scope.provide(work, scope))
  const secret = randomBytes(32).toString("hex")
  const started = new Set<Running>()
  let postgres: Promise<Postgres> | undefined
  let files = 0

  const makeDatabase = async ({ engine }: Contender): Promise<string> => {
    if (engine === "none") return ""
    if (engine === "sqlite") return `sqlite:${join(folder, `${++files}.db`)}`
    if (postgresUrl !== undefined) return inScope(freshDatabase(postgresUrl))
    postgres ??= inScope(startPostgres({ settings: { shared_buffers: "512MB", max_wal_size: "4GB" } }))
    return inScope((await postgres).createDatabase())
  }

  const fill = (contender: Contender, databaseUrl: string, dataset: Dataset): Promise<ReadonlyArray<string>> => {
    switch (contender.tables) {
      case "holdfast":
        return seedHoldfast(databaseUrl, secret, dataset)
      case "by-hand":
        return seedByHand(databaseUrl, dataset)
      case "none":
        return Promise.resolve(Array.from({ length: dataset.organizations }, () => noApiKey))
    }
  }

  const keep = async (starting: Promise<Running>): Promise<Running> => {
    const running = await starting
    started.add(running)
    return running
  }

  return {
    start: async (contender, given = {}) => {
      const dataset = { ...defaultDataset, ...given }
      const databaseUrl = await makeDatabase(contender)
      const apiKeys = await fill(contender, databaseUrl, dataset)
      const run = randomBytes(4).toString("hex")
      return keep(startContender(contender, { run, dataset, databaseUrl, secret, apiKeys }))
    },
    restart: ({ contender, place }) => keep(startContender(contender, place)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...started].map((running) => running.stop()))
      await Effect.runPromise(Scope.close(scope, Exit.void))
      erase()
      process.off("exit", erase)
    }
  }
}

/** Runner: sets the stage for a scenario, lets it run, and judges what happened. */
import { check, summarize } from "@holdfast/testing"
import type { Call, Summary, Violation } from "@holdfast/testing"
import { Effect, Result } from "effect"
import type { Scope } from "effect"
import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { makeApi } from "./client/Api.ts"
import { makePost } from "./client/Http.ts"
import type { Database, Engine } from "./database/Database.ts"
import { startDatabase } from "./database/Postgres.ts"
import { sqliteIn } from "./database/Sqlite.ts"
import { makeDice } from "./Dice.ts"
import { Journal } from "./Journal.ts"
import type { Fault } from "./Journal.ts"
import type { Scenario } from "./Scenario.ts"
import { executable } from "./servers/Process.ts"
import type { Environment } from "./servers/Process.ts"
import type { Tenant } from "./workload/Ask.ts"
import { makeWorkload } from "./workload/Workload.ts"

/** What became of a scenario. */
export interface Verdict {
  readonly engine: Engine
  readonly scenario: string
  readonly seconds: number
  /** Why it was not run; `null` if it was. */
  readonly notRun: string | null
  readonly summary: Summary
  readonly faults: Readonly<Record<Fault, number>>
  /** Whether all happened that was to happen, before the time was over. */
  readonly isComplete: boolean
  /** The longest that a client waited for its answer, retries included, in milliseconds. */
  readonly worstWait: number
  /** Answers that said that the key is in use. */
  readonly inUse: number
  /** Keys that were not answered when nothing was wrong any more. */
  readonly stuck: number
  readonly violations: ReadonlyArray<{ readonly violation: Violation; readonly calls: ReadonlyArray<Call> }>
  readonly complaints: ReadonlyArray<string>
  readonly notes: ReadonlyArray<string>
}

/** How to run a scenario. */
export interface RunOptions {
  readonly engine: Engine
  readonly seed: string
  /** How long faults may happen, in milliseconds. */
  readonly time: number
  /** Is given the journal as soon as there is one. */
  readonly watch: (journal: Journal) => void
}

/** Whether anything is wrong. */
export const isBad = ({ complaints, inUse, stuck, violations }: Verdict): boolean =>
  violations.length + complaints.length + inUse + stuck > 0

/** Runs a scenario and judges it. */
export const runScenario = Effect.fnUntraced(function* (
  scenario: Scenario,
  { engine, seed, time, watch }: RunOptions
): Effect.fn.Return<Verdict> {
  const journal = new Journal()
  watch(journal)
  const begun = performance.now()
  const directory = mkdtempSync(join(tmpdir(), "holdfast-torture-"))

  const run = Effect.gen(function* () {
    const database = yield* openDatabase(engine, directory)
    const env = environmentOf(database)
    const tenants = yield* makeTenants(env)
    const name = `${seed}/${engine}/${scenario.name}`
    const result = yield* Effect.result(
      scenario.run({
        database,
        env,
        directory,
        journal,
        tenants,
        api: makeApi(yield* makePost),
        complain: (complaint) => void journal.complaints.push(complaint),
        workload: makeWorkload(yield* makeDice(`${name}/workload`), tenants),
        dice: yield* makeDice(`${name}/faults`),
        isOver: () => {
          const busy = journal.busySince === null ? 0 : performance.now() - journal.busySince
          return busy > time || isReached(scenario, journal, busy / 1_000)
        }
      })
    )
    const damage = yield* database.damage
    if (damage !== null) journal.complaints.push(`the database is damaged: ${damage}`)
    return { final: yield* database.read, notRun: Result.isFailure(result) ? result.failure.reason : null }
  })

  const { final, notRun } = yield* Effect.scoped(run)
  const history = { calls: journal.calls, final }
  const verdict: Verdict = {
    engine,
    scenario: scenario.name,
    seconds: Math.round((performance.now() - begun) / 1_000),
    notRun,
    summary: summarize(history),
    faults: journal.faults,
    isComplete: isReached(scenario, journal, Infinity),
    worstWait: journal.waits.reduce((max, wait) => Math.max(max, wait), 0),
    inUse: journal.inUse,
    stuck: journal.stuck.length,
    violations: check(history).map((violation) => ({
      violation,
      calls: violation.calls.flatMap((id) => journal.calls[id - 1] ?? [])
    })),
    complaints: journal.complaints,
    notes: [...journal.notes, ...unknownOf(journal)]
  }
  if (isBad(verdict)) return { ...verdict, notes: [...verdict.notes, `the logs of the servers are in ${directory}`] }
  rmSync(directory, { recursive: true, force: true })
  return verdict
})

/** Why there were no answers, and how often. */
const unknownOf = ({ calls }: Journal): ReadonlyArray<string> => {
  const reasons = calls.flatMap(({ answer }) => (answer.type === "unknown" ? [answer.reason] : []))
  const counted = [...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => `${all.length} ${reason}`)
  return counted.length === 0 ? [] : [`unknown: ${counted.join(", ")}`]
}

/** Whether everything has happened that a scenario is to bring about. */
const isReached = ({ quota }: Scenario, { faults, keys }: Journal, seconds: number): boolean => {
  const happened = { ...faults, keys: keys.size, seconds }
  const wanted = Object.entries(quota) as ReadonlyArray<[keyof typeof happened, number]>
  return wanted.every(([what, count]) => happened[what] >= count)
}

const openDatabase = (engine: Engine, directory: string): Effect.Effect<Database, never, Scope.Scope> =>
  engine === "sqlite" ? Effect.succeed(sqliteIn(directory)) : startDatabase

const environmentOf = ({ url }: Database): Environment => ({
  NODE_ENV: "production",
  HOLDFAST_PEPPER: randomBytes(48).toString("base64"),
  HOLDFAST_PUBLIC_URL: "https://id.example.com",
  DATABASE_URL: url,
  LOG_LEVEL: "warn"
})

const owners = [
  ["acme", "live"],
  ["acme", "sandbox"],
  ["globex", "live"]
] as const

const scopes = ["sessions:read", "sessions:create", "sessions:write", "redact:write"]

/** Two organizations, and both environments of one, each with a key from the command line; all at once, on an empty database. */
const makeTenants = (env: Environment): Effect.Effect<ReadonlyArray<Tenant>> =>
  Effect.forEach(
    owners,
    ([organization, environment]) =>
      Effect.promise(async () => {
        const flags = ["--organization", organization, "--environment", environment, "--json"]
        const args = [executable, "keys", "create", ...flags, ...scopes.flatMap((scope) => ["--scope", scope])]
        const { stdout } = await promisify(execFile)(process.execPath, args, { env })
        const made = JSON.parse(stdout) as { readonly key: string; readonly environmentId: string }
        return { organization, environment: made.environmentId, apiKey: made.key }
      }),
    { concurrency: "unbounded" }
  )

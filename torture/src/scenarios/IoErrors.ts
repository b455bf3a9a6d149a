/**
 * The disk fails: syncs and writes return errors, at many positions. Nothing is acknowledged that is not durable, processes go
 * on, and when the disk is well again so is the service.
 *
 * A round ends in a power cut or in a plain `kill -9`. Where the disk fails for good there is one server, and it dies before
 * its next commit: then the commit that failed may come back complete from the log, and counts as done.
 */
import { Effect, Option } from "effect"
import { makeClients } from "../client/Clients.ts"
import type { Scenario, Stage } from "../Scenario.ts"
import { freePorts, isAlive, ready } from "../servers/Fleet.ts"
import { needStrace, startTraced } from "../servers/Traced.ts"
import { loseUnsynced, untraced } from "./PowerCuts.ts"

type Span = readonly [from: number, to: number]

/** What fails, in the words of strace. Calls of its kind are counted from 1, for each process. */
interface Failure {
  readonly error: string
  /** Which call is the first to fail. */
  readonly first: Span
  /** After how many calls the next one fails. */
  readonly step: Span
}

const failingSync: Failure = { error: "fsync:error=EIO", first: [3, 60], step: [2, 20] }
const failures: ReadonlyArray<Failure> = [
  failingSync,
  { error: "pwrite64:error=EIO", first: [10, 600], step: [7, 200] },
  { error: "pwrite64:error=ENOSPC", first: [10, 600], step: [7, 200] }
]

const lasting = ["once", "again and again", "for good"] as const

/** The scenario. */
export const ioErrors: Scenario = {
  name: "io-errors",
  about: "failing syncs and writes, then kill -9 or a power cut",
  engines: ["sqlite"],
  weight: 2,
  quota: { ioErrors: 400, powerCuts: 8, kills: 24 },
  run: Effect.fnUntraced(function* (stage) {
    const { complain, database, dice, isOver, journal } = stage
    if (database.engine !== "sqlite") return
    yield* needStrace
    const all = yield* freePorts(dice, 2)

    const round = Effect.gen(function* () {
      const lasts = dice.pick(lasting)
      const { error, first, step } = lasts === "for good" ? failingSync : dice.pick(failures)
      const rest = { once: "", "again and again": `+${dice.between(...step)}`, "for good": "+" }[lasts]
      const inject = `${error}:when=${dice.between(...first)}${rest}`
      const ports = lasts === "for good" ? all.slice(0, 1) : all
      const traced = yield* startTraced({ ...stage, ports, files: database.files, inject })
      // A server that cannot even open its files gives up, as it should.
      yield* Effect.timeoutOption(Effect.forEach(ports, ready, { concurrency: "unbounded" }), "3 seconds")
      const serving = yield* Effect.filter(ports, isAlive)
      yield* Effect.sleep(dice.between(200, 1_000))
      const surviving = yield* Effect.filter(serving, isAlive)
      if (surviving.length < serving.length) complain(`a server ended by itself: ${inject}`)
      if (lasts === "once") yield* Effect.forEach(surviving, (port) => comesBack(stage, port, inject))
      const remains = yield* traced.kill
      journal.faults.ioErrors += remains.injected
      if (lasts !== "for good" && dice.chance(0.5)) {
        loseUnsynced(stage, database, remains)
        journal.faults.powerCuts++
      } else journal.faults.kills += surviving.length
    }).pipe(Effect.scoped)

    yield* untraced(stage, all, Effect.whileLoop({ while: () => !isOver(), body: () => round, step: () => {} }))
  })
}

/** After a single failure the same process answers again. */
const comesBack = Effect.fnUntraced(function* (
  { api, complain, journal, tenants }: Stage,
  port: number,
  inject: string
) {
  const [tenant] = tenants
  if (tenant === undefined) return
  const key = `back-${journal.calls.length}`
  const { perform } = makeClients({ api, journal, ports: [port] })
  const ask = { tenant, operation: "createSession", session: null, key, input: {} } as const
  const answered = yield* Effect.timeoutOption(perform(ask), "8 seconds")
  if (Option.isNone(answered)) complain(`a server did not come back: ${inject}`)
})

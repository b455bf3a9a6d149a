/**
 * The power is cut: all servers are killed in the middle of what they do, and what they had not brought to the disk is
 * destroyed. What was acknowledged has to be there.
 */
import { Effect } from "effect"
import { rmSync } from "node:fs"
import type { SqliteDatabase } from "../database/Database.ts"
import { cutPower } from "../disk/PowerCut.ts"
import { underLoad } from "../Scenario.ts"
import type { Scenario, Stage } from "../Scenario.ts"
import { freePorts, ready, startFleet } from "../servers/Fleet.ts"
import { needStrace, startTraced } from "../servers/Traced.ts"
import type { Remains } from "../servers/Traced.ts"

/** The scenario. */
export const powerCuts: Scenario = {
  name: "power-cuts",
  about: "kill -9 of all servers, and what was not synced destroyed",
  engines: ["sqlite"],
  weight: 5,
  quota: { powerCuts: 50 },
  run: Effect.fnUntraced(function* (stage) {
    const { database, dice, isOver, journal } = stage
    if (database.engine !== "sqlite") return
    yield* needStrace
    const ports = yield* freePorts(dice, 2)
    let destroyed = 0
    const round = Effect.gen(function* () {
      const traced = yield* startTraced({ ...stage, ports, files: database.files })
      yield* Effect.raceAll(ports.map(ready))
      yield* Effect.sleep(dice.between(300, 1_500))
      const remains = yield* traced.kill
      if (!remains.isTraced) journal.complaints.push("the trace shows no write to the database")
      destroyed += loseUnsynced(stage, database, remains)
      journal.faults.powerCuts++
    }).pipe(Effect.scoped)
    yield* untraced(stage, ports, Effect.whileLoop({ while: () => !isOver(), body: () => round, step: () => {} }))
    journal.notes.push(`${destroyed} bytes were destroyed`)
  })
}

/** Lets faults happen to traced servers; when they are over, others take their place, and all has to be well. */
export const untraced = Effect.fnUntraced(function* (
  stage: Stage,
  ports: ReadonlyArray<number>,
  faults: Effect.Effect<void>
) {
  const healthy = Effect.gen(function* () {
    yield* faults
    const fleet = yield* startFleet({ ...stage, ports })
    yield* Effect.forEach(ports.keys(), fleet.ready, { concurrency: "unbounded" })
    return fleet
  })
  const { stop } = yield* underLoad(stage, { ports, faults: healthy })
  yield* stop
})

/** Leaves of the files what a power cut may leave. How many bytes it destroyed. */
export const loseUnsynced = ({ dice }: Stage, { sharedMemory }: SqliteDatabase, { atRisk }: Remains): number => {
  rmSync(sharedMemory, { force: true })
  return atRisk.reduce((sum, file) => sum + cutPower(dice, file), 0)
}

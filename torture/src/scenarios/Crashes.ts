/** PostgreSQL is stopped as a crash would stop it, and started again; servers are killed beside it. */
import { Effect } from "effect"
import { underLoad } from "../Scenario.ts"
import type { Scenario } from "../Scenario.ts"
import { freePorts, startFleet } from "../servers/Fleet.ts"
import { killAll } from "./Kills.ts"

/** The scenario. */
export const crashes: Scenario = {
  name: "crashes",
  about: "immediate stops of PostgreSQL, and kill -9 of servers",
  engines: ["postgres"],
  weight: 2,
  quota: { crashes: 12, kills: 20 },
  run: Effect.fnUntraced(function* (stage) {
    const { database, dice, isOver, journal } = stage
    if (database.engine !== "postgres") return
    const { server } = database
    const fleet = yield* startFleet({ ...stage, ports: yield* freePorts(dice, 4) })
    yield* Effect.forEach(fleet.ports.keys(), fleet.ready, { concurrency: "unbounded" })
    const crash = Effect.gen(function* () {
      while (!isOver()) {
        yield* Effect.sleep(dice.between(500, 2_500))
        yield* server.crash
        journal.faults.crashes++
        yield* Effect.sleep(dice.between(0, 500))
        yield* Effect.orDie(server.start)
      }
    })
    yield* underLoad(stage, {
      ports: fleet.ports,
      faults: Effect.all([crash, killAll(stage, fleet, { from: 1_000, to: 6_000 })], {
        concurrency: "unbounded",
        discard: true
      })
    })
    yield* fleet.stop
  })
}

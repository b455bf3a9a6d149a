/** Nothing is done to the servers: ten duplicates of everything are enough. */
import { Effect } from "effect"
import { untilOver, underLoad } from "../Scenario.ts"
import type { Scenario } from "../Scenario.ts"
import { freePorts, startFleet } from "../servers/Fleet.ts"

/** The scenario. */
export const noFault: Scenario = {
  name: "none",
  about: "no fault, 4 servers",
  engines: ["sqlite", "postgres"],
  weight: 1,
  quota: { keys: 1_000 },
  run: Effect.fnUntraced(function* (stage) {
    const ports = yield* freePorts(stage.dice, 4)
    const fleet = yield* startFleet({ ...stage, ports })
    yield* Effect.forEach(ports.keys(), fleet.ready, { concurrency: "unbounded" })
    yield* underLoad(stage, { ports, faults: untilOver(stage) })
    yield* fleet.stop
  })
}

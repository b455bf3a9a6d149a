/** Servers are killed, each by itself, in the middle of what they do, and start again at once. */
import { Effect, Semaphore } from "effect"
import { underLoad } from "../Scenario.ts"
import type { Scenario, Stage } from "../Scenario.ts"
import { freePorts, startFleet } from "../servers/Fleet.ts"
import type { Fleet } from "../servers/Fleet.ts"

/** The scenario. */
export const kills: Scenario = {
  name: "kills",
  about: "kill -9 of servers",
  engines: ["sqlite", "postgres"],
  weight: 4,
  quota: { kills: 200 },
  run: Effect.fnUntraced(function* (stage) {
    const fleet = yield* startFleet({ ...stage, ports: yield* freePorts(stage.dice, 4) })
    yield* Effect.forEach(fleet.ports.keys(), fleet.ready, { concurrency: "unbounded" })
    yield* underLoad(stage, { ports: fleet.ports, faults: killAll(stage, fleet, { from: 0, to: 800 }) })
    yield* fleet.stop
  })
}

/** So many servers are down, or on their way up, at the same time: the others have work to do meanwhile. */
const maxDown = 2

/**
 * Kills the servers of a fleet again and again until it is over, each in its own time: some milliseconds after it was ready,
 * and now and then once more while it starts. At the end all of them are ready.
 */
export const killAll = (
  { dice, isOver, journal }: Stage,
  fleet: Fleet,
  pause: { readonly from: number; readonly to: number }
): Effect.Effect<void> => {
  const turn = Semaphore.makeUnsafe(maxDown)
  const kill = Effect.fnUntraced(function* (server: number) {
    yield* fleet.replace(server)
    journal.faults.kills++
    if (!dice.chance(0.3)) return yield* fleet.ready(server)
    yield* Effect.sleep(dice.between(0, 600))
    yield* fleet.replace(server)
    journal.faults.kills++
    yield* fleet.ready(server)
  })
  return Effect.forEach(
    fleet.ports.keys(),
    Effect.fnUntraced(function* (server) {
      while (true) {
        yield* Effect.sleep(dice.between(pause.from, pause.to))
        if (isOver()) return
        yield* turn.withPermit(kill(server))
      }
    }),
    { concurrency: "unbounded", discard: true }
  )
}

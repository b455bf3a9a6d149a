/** Connections to the database are cut around commits, before and after, and servers are killed beside it. */
import { Effect } from "effect"
import { startProxy } from "../network/Proxy.ts"
import { underLoad } from "../Scenario.ts"
import type { Scenario } from "../Scenario.ts"
import { freePorts, startFleet } from "../servers/Fleet.ts"
import { killAll } from "./Kills.ts"

/** The scenario. */
export const cuts: Scenario = {
  name: "cuts",
  about: "connections cut around COMMIT, and kill -9 of servers",
  engines: ["postgres"],
  weight: 2,
  quota: { cutsBefore: 400, cutsAfter: 400, kills: 20 },
  run: Effect.fnUntraced(function* (stage) {
    const { database, dice, env, journal } = stage
    if (database.engine !== "postgres") return
    const [proxy = 0, ...ports] = yield* freePorts(dice, 5)
    let cutting = true
    yield* startProxy({
      port: proxy,
      upstream: database.server.port,
      fate: () => {
        if (!cutting || !dice.chance(0.1)) return "pass"
        return dice.chance(0.5) ? "cut before" : "cut after"
      },
      onCut: (cut) => void journal.faults[cut === "before" ? "cutsBefore" : "cutsAfter"]++
    })
    const url = new URL(database.url)
    url.port = String(proxy)
    const fleet = yield* startFleet({ ...stage, ports, env: { ...env, DATABASE_URL: url.href } })
    yield* underLoad(stage, {
      ports,
      faults: Effect.andThen(
        killAll(stage, fleet, { from: 1_000, to: 10_000 }),
        Effect.sync(() => (cutting = false))
      )
    })
    yield* fleet.stop
  })
}

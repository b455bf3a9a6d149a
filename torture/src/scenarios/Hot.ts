/** Eight servers, and everybody changes one session: nobody waits long, and nobody is turned away. */
import { Effect } from "effect"
import { makeClients } from "../client/Clients.ts"
import { untilOver, underLoad } from "../Scenario.ts"
import type { Scenario } from "../Scenario.ts"
import { freePorts, startFleet } from "../servers/Fleet.ts"
import { makeHotWorkload } from "../workload/Workload.ts"

/** Longest wait of a client, in milliseconds. */
const maxWait = 5_000

/** The scenario. */
export const hot: Scenario = {
  name: "hot",
  about: "8 servers change one session; nobody waits 5 s",
  engines: ["sqlite", "postgres"],
  weight: 1,
  quota: { seconds: 15 },
  run: Effect.fnUntraced(function* (stage) {
    const { api, dice, journal, tenants } = stage
    const [tenant] = tenants
    if (tenant === undefined) return
    const ports = yield* freePorts(dice, 8)
    const fleet = yield* startFleet({ ...stage, ports })
    yield* Effect.forEach(ports.keys(), fleet.ready, { concurrency: "unbounded" })
    const clients = makeClients({ api, journal, ports })
    let session = ""
    yield* clients.perform(
      { tenant, operation: "createSession", session: null, key: "hot", input: {} },
      (_, answer) => {
        if (answer.type === "ok") session = answer.session.id
      }
    )
    yield* underLoad(stage, { ports, faults: untilOver(stage), workload: makeHotWorkload(dice, tenant, session) })
    yield* fleet.stop
    const longest = journal.waits.reduce((max, wait) => Math.max(max, wait), 0)
    if (longest >= maxWait) journal.complaints.push(`somebody waited ${Math.round(longest)} ms`)
    const turnedAway = journal.calls.filter(({ answer }) => answer.type === "unknown")
    if (turnedAway.length > 0) journal.complaints.push(`${turnedAway.length} requests were turned away`)
  })
}

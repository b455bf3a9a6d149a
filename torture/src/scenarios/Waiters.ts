/**
 * 500 requests with one key wait in one server, because somebody else holds the database; meanwhile other requests are
 * answered as fast as ever.
 */
import { Effect, Fiber } from "effect"
import { makeClients } from "../client/Clients.ts"
import { percentile } from "../Percentile.ts"
import type { Scenario } from "../Scenario.ts"
import { freePorts, startFleet } from "../servers/Fleet.ts"
import type { Ask } from "../workload/Ask.ts"

const waiting = 500

/** What 99 of 100 unrelated requests take at most, in milliseconds. */
const maxUnrelated = 20

/** The scenario. */
export const waiters: Scenario = {
  name: "waiters",
  about: "500 requests wait for one key, others do not",
  engines: ["sqlite", "postgres"],
  weight: 0.5,
  quota: {},
  run: Effect.fnUntraced(function* (stage) {
    const { api, complain, database, dice, journal, tenants } = stage
    const [tenant] = tenants
    if (tenant === undefined) return
    const ports = yield* freePorts(dice, 1)
    const [port = 0] = ports
    const fleet = yield* startFleet({ ...stage, ports })
    yield* fleet.ready(0)
    const clients = makeClients({ api, journal, ports, count: waiting })
    const creation = (key: string): Ask => ({ tenant, operation: "createSession", session: null, key, input: {} })
    const probe = Effect.orDie(api.probe(port, tenant))

    /** How long unrelated requests take. They come at their own pace, whatever becomes of those before. */
    const unrelated = Effect.gen(function* () {
      const times: Array<number> = []
      const timed = Effect.gen(function* () {
        const sent = performance.now()
        yield* probe
        times.push(performance.now() - sent)
      })
      const begin = Effect.andThen(Effect.sleep("5 millis"), Effect.forkChild(timed))
      yield* Fiber.joinAll(yield* Effect.replicateEffect(begin, 200))
      return [percentile(times, 0.5), percentile(times, 0.99)] as const
    })

    // Everybody has a connection, and the server has seen both kinds of request.
    yield* Effect.replicateEffect(probe, waiting + 20, { concurrency: "unbounded", discard: true })
    yield* Effect.forEach(Array.from({ length: 200 }).keys(), (n) => clients.perform(creation(`warm-${n}`)))
    const [alone50, alone99] = yield* unrelated

    const held = Effect.gen(function* () {
      yield* database.hold
      const everybody = Effect.replicateEffect(clients.perform(creation("everybody")), waiting, {
        concurrency: "unbounded",
        discard: true
      })
      const working = yield* Effect.forkChild(everybody)
      // All of them have arrived by then.
      yield* Effect.sleep("2 seconds")
      return [working, yield* unrelated] as const
    })
    const [working, [p50, p99]] = yield* Effect.scoped(held)
    yield* Fiber.join(working)
    yield* fleet.stop

    const figure = (time: number) => `${time.toFixed(1)} ms`
    journal.notes.push(
      `unrelated requests beside ${waiting} waiters: p50 ${figure(p50)}, p99 ${figure(p99)}`,
      `without waiters: p50 ${figure(alone50)}, p99 ${figure(alone99)}`
    )
    if (p99 >= maxUnrelated) complain(`1 of 100 unrelated requests took ${figure(p99)} beside waiters`)
  })
}

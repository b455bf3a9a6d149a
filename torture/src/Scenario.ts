/** Scenario: servers under load, and what is done to them meanwhile. */
import { Effect, Fiber } from "effect"
import type { Scope } from "effect"
import type { Api } from "./client/Api.ts"
import { makeClients } from "./client/Clients.ts"
import type { Database, Engine } from "./database/Database.ts"
import type { Dice } from "./Dice.ts"
import type { Fault, Journal } from "./Journal.ts"
import type { Environment } from "./servers/Process.ts"
import type { CannotRun } from "./servers/Traced.ts"
import type { Tenant } from "./workload/Ask.ts"
import type { Workload } from "./workload/Workload.ts"

/** A scenario. */
export interface Scenario {
  readonly name: string
  /** What is done, in a few words. */
  readonly about: string
  readonly engines: ReadonlyArray<Engine>
  /** Its share of the time, beside the others. */
  readonly weight: number
  /** It ends when all of this has happened, or when its time is over. */
  readonly quota: { readonly [what in Fault | "keys" | "seconds"]?: number }
  /** Begins with an empty database, and ends when nobody asks any more. */
  readonly run: (stage: Stage) => Effect.Effect<void, CannotRun, Scope.Scope>
}

/** What a scenario works with. */
export interface Stage {
  readonly database: Database
  /** Settings of the servers. */
  readonly env: Environment
  /** For files; gone after the scenario unless something was wrong. */
  readonly directory: string
  readonly journal: Journal
  /** Writes down what should not have happened. */
  readonly complain: (complaint: string) => void
  readonly api: Api
  readonly tenants: ReadonlyArray<Tenant>
  readonly workload: Workload
  /** Decides about faults. */
  readonly dice: Dice
  /** Whether the quota is reached or the time is over. */
  readonly isOver: () => boolean
}

/** Ports to run servers on, and the work that is done to them while clients ask. */
export interface Load<A> {
  readonly ports: ReadonlyArray<number>
  /** Lets faults happen until it is over. Whatever it did, at its end nothing is wrong any more. */
  readonly faults: Effect.Effect<A, never, Scope.Scope>
  readonly workload?: Workload
}

/**
 * Lets 64 clients ask while faults happen. In the end all have their answers, and every key is asked once more. Returns what
 * the faults returned.
 */
export const underLoad = Effect.fnUntraced(function* <A>(
  { api, journal, workload: mixture }: Stage,
  { faults, ports, workload = mixture }: Load<A>
) {
  const clients = makeClients({ api, journal, ports })
  let over = false
  journal.busySince = performance.now()
  const working = yield* Effect.forkChild(clients.work(workload, () => over))
  const result = yield* faults
  over = true
  journal.calmSince = performance.now()
  yield* Fiber.join(working)
  yield* clients.askAgain
  return result
})

/** Waits until it is over. */
export const untilOver = ({ isOver }: Stage): Effect.Effect<void> =>
  Effect.sleep("50 millis").pipe(Effect.repeat({ until: () => isOver() }), Effect.asVoid)

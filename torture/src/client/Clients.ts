/**
 * Clients: 64 of them send what the workload wants, each to another server than the one before, and everything with a key again
 * and again until it is answered. Every try is in the journal.
 */
import { Effect } from "effect"
import type { Journal } from "../Journal.ts"
import { keyOf } from "../workload/Ask.ts"
import type { Ask } from "../workload/Ask.ts"
import type { Workload } from "../workload/Workload.ts"
import { inUse } from "./Api.ts"
import type { Api } from "./Api.ts"

/** The clients of a scenario. */
export interface Clients {
  /** Lets the clients send what the workload wants, until they are told to stop and have their answers. */
  readonly work: (workload: Workload, stopped: () => boolean) => Effect.Effect<void>
  /** Sends every key that was ever answered once more. */
  readonly askAgain: Effect.Effect<void>
  /** Sends one request until it is answered. */
  readonly perform: (ask: Ask, learn?: Workload["learn"]) => Effect.Effect<void>
}

/** What the clients need. */
export interface ClientsOptions {
  readonly api: Api
  readonly journal: Journal
  /** Where the servers are. */
  readonly ports: ReadonlyArray<number>
  readonly count?: number
}

/** When nothing is wrong any more, a request is answered within this many milliseconds, or is stuck. */
const maxCalm = 20_000

const nap = (tries: number) => Effect.sleep(Math.min(5 * 2 ** tries, 200))

/** Makes the clients. */
export const makeClients = ({ api, count = 64, journal, ports }: ClientsOptions): Clients => {
  let turn = 0
  const nextPort = () => ports[turn++ % ports.length] ?? 0
  const isHopeless = (begun: number, now: number) =>
    journal.calmSince !== null && now - Math.max(begun, journal.calmSince) > maxCalm

  /** One try. `null` if there was no server, so that nothing was sent. */
  const call = Effect.fnUntraced(function* (ask: Ask) {
    const { input, key, operation, session, tenant } = ask
    const { environment, organization } = tenant
    const sent = performance.now()
    const heard = yield* api.send(nextPort(), ask)
    if (heard === null) return null
    const { answer, complaint } = heard
    const now = performance.now()
    const answered = answer.type === "unknown" ? null : now
    const id = journal.calls.length + 1
    journal.calls.push({ id, sent, answered, organization, environment, operation, session, key, input, answer })
    if (complaint !== null) journal.complaints.push(`call ${id}: ${operation} was ${complaint}`)
    if (answer.type === "unknown" && answer.reason === inUse) journal.inUse++
    return answer
  })

  const perform: Clients["perform"] = Effect.fnUntraced(function* (ask, learn) {
    const key = keyOf(ask)
    const begun = performance.now()
    for (let tries = 0; ; tries++) {
      const answer = yield* call(ask)
      const now = performance.now()
      if (answer !== null && answer.type !== "unknown") {
        journal.waits.push(now - begun)
        if (key !== null && !journal.keys.has(key)) journal.keys.set(key, ask)
        return learn?.(ask, answer)
      }
      if (key === null && answer !== null) return
      if (isHopeless(begun, now)) return void journal.stuck.push(ask)
      yield* nap(tries)
    }
  })

  const together = { concurrency: count, discard: true } as const

  return {
    perform,
    work: (workload, stopped) => {
      const pending: Array<Ask> = []
      const client = Effect.gen(function* () {
        while (true) {
          const ask = pending.shift()
          if (ask !== undefined) yield* perform(ask, workload.learn)
          else if (stopped()) return
          else pending.push(...workload.next())
        }
      })
      return Effect.all(
        Array.from({ length: count }, () => client),
        together
      )
    },
    askAgain: Effect.suspend(() => Effect.forEach([...journal.keys.values()], (ask) => perform(ask), together))
  }
}

/**
 * The driver: a process that asks for the job as it is told to, by messages of the process that started it. For a server it is
 * a process of its own (`HttpDriver.ts`); what is used without a server is driven in its own process.
 */
import { firstNumber } from "../Job.ts"
import { run } from "./Loops.ts"
import type { Loop, Sample } from "./Loops.ts"
import type { Client, Outcome, Place } from "./Client.ts"

/** What to measure. */
export interface Measure {
  readonly loop: Loop
  /** `fresh`: every update has a key of its own. `replay`: updates of the last fresh measurement are sent again. */
  readonly load: "fresh" | "replay"
  readonly seconds: number
}

/** What a driver can be told, and what it answers. */
export interface Orders {
  readonly open: { readonly given: Place; readonly answer: null }
  readonly measure: { readonly given: Measure; readonly answer: Sample }
  readonly once: { readonly given: { readonly number: number; readonly keyNumber: number }; readonly answer: Outcome }
  readonly close: { readonly given: null; readonly answer: null }
}

/** An order on its way. */
type Order = {
  readonly [Name in keyof Orders]: { readonly name: Name; readonly given: Orders[Name]["given"] }
}[keyof Orders]

/** The answer to the one order under way. */
export type Answer = { readonly result: unknown } | { readonly error: string }

/** So many updates are remembered, to be replayed. */
const maxReplayed = 20_000

/** Serves orders until the process that gives them is gone. */
export const drive = (connect: (place: Place) => Promise<Client>): void => {
  let client: Client | undefined
  let next = firstNumber
  let fresh = { from: firstNumber, to: firstNumber }

  const opened = (): Client => {
    if (client === undefined) throw new Error("The driver is not open")
    return client
  }

  const numbers = (load: Measure["load"]): (() => number) => {
    if (load === "fresh") {
      fresh = { from: next, to: next }
      return () => {
        fresh.to = next + 1
        return next++
      }
    }
    const from = Math.max(fresh.from, fresh.to - maxReplayed)
    const count = fresh.to - from
    if (count === 0) throw new Error("There is nothing to replay")
    let at = 0
    return () => from + (at++ % count)
  }

  const obey = async (order: Order): Promise<unknown> => {
    switch (order.name) {
      case "open":
        client = await connect(order.given)
        return null
      case "measure": {
        const { load, loop, seconds } = order.given
        await opened().prepare(loop.concurrency)
        const own = opened().measure
        if (own !== undefined) return own(loop, seconds)
        return run(loop, { client: opened(), next: numbers(load), replayed: load === "replay", seconds })
      }
      case "once": {
        await opened().prepare(1)
        return opened().once(order.given.number, order.given.keyNumber)
      }
      case "close":
        await client?.close()
        return null
    }
  }

  const answer = (message: Answer) => process.send?.(message)
  process.on("message", (order: Order) => {
    void obey(order).then(
      (result) => answer({ result }),
      (error: unknown) => answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    )
  })
  process.once("disconnect", () => process.exit())
}

/**
 * Two ways to load a contender, and what each of them hides.
 *
 * - **Closed loop**: so many callers, each of which asks again when it was answered. It finds the most that can be served. But
 *   a server that stalls is asked less meanwhile: a stall of a second is one slow answer for each caller, where a thousand
 *   independent clients would all have waited. So its latencies are those of the callers alone, and flatter the server
 *   (coordinated omission).
 * - **Open loop**: requests are due at a fixed rate, whatever became of the earlier ones, and a latency counts from the moment
 *   the request was *due*, not from when it could be sent. Nothing is omitted; latencies below saturation are taken here.
 */
import { latencyOf } from "../Statistics.ts"
import type { Latency } from "../Statistics.ts"
import type { Client } from "./Client.ts"

/** How to load. */
export type Loop =
  | { readonly kind: "closed"; readonly concurrency: number }
  | {
      readonly kind: "open"
      /** Requests a second. */
      readonly rate: number
      /** How many may be under way at once; what is due beyond that waits, and its latency counts. */
      readonly concurrency: number
    }

/** What was measured on the side of the load. */
export interface Sample {
  /** Requests answered, wrong answers included. */
  readonly count: number
  /** From the first request to the last answer. */
  readonly seconds: number
  /** Answers a second. */
  readonly throughput: number
  readonly latency: Latency
  readonly errors: number
  /** What was wrong, the first few times. */
  readonly problems: ReadonlyArray<string>
}

/** Time, so that a test can bring its own. */
export interface Time {
  /** Milliseconds from any beginning. */
  readonly now: () => number
  readonly after: (milliseconds: number, work: () => void) => void
}

const realTime: Time = {
  now: () => performance.now(),
  after: (milliseconds, work) => void setTimeout(work, milliseconds)
}

/** What to send, and for how long. */
export interface Load {
  readonly client: Pick<Client, "send">
  /** The number of the next update. */
  readonly next: () => number
  /** Whether replays are expected. */
  readonly replayed: boolean
  readonly seconds: number
}

/** Loads a contender, and waits until everything was answered. */
export const run = (loop: Loop, load: Load, time: Time = realTime): Promise<Sample> =>
  loop.kind === "closed" ? closed(loop.concurrency, load, time) : open(loop, load, time)

const closed = async (concurrency: number, { client, next, replayed, seconds }: Load, time: Time): Promise<Sample> => {
  const notes = makeNotes(time)
  const end = time.now() + seconds * 1_000
  const caller = (finished: () => void) => {
    if (time.now() >= end) return finished()
    const sent = time.now()
    client.send(next(), replayed, (problem) => {
      notes.take(sent, problem)
      caller(finished)
    })
  }
  await Promise.all(Array.from({ length: concurrency }, () => new Promise<void>(caller)))
  return notes.sample()
}

const open = async (
  { concurrency, rate }: Extract<Loop, { kind: "open" }>,
  { client, next, replayed, seconds }: Load,
  time: Time
): Promise<Sample> => {
  const notes = makeNotes(time)
  const begun = time.now()
  const total = Math.round(rate * seconds)
  let [sent, answered] = [0, 0]
  await new Promise<void>((finished) => {
    const sendDue = () => {
      const due = Math.min(total, Math.floor(((time.now() - begun) * rate) / 1_000) + 1)
      while (sent < due && sent - answered < concurrency) {
        const intended = begun + (sent++ * 1_000) / rate
        client.send(next(), replayed, (problem) => {
          notes.take(intended, problem)
          if (++answered === total) finished()
          else if (sent < total) sendDue()
        })
      }
    }
    const tick = () => {
      sendDue()
      // A millisecond is the resolution of the latencies here: to wait actively would take the processor from the database.
      if (sent < total) time.after(1, tick)
    }
    tick()
  })
  return notes.sample()
}

const makeNotes = (time: Time) => {
  const begun = time.now()
  const latencies: Array<number> = []
  const problems: Array<string> = []
  let [errors, last] = [0, begun]
  return {
    take: (since: number, problem: string | null) => {
      last = time.now()
      latencies.push(last - since)
      if (problem === null) return
      errors++
      if (problems.length < 3) problems.push(problem)
    },
    sample: (): Sample => {
      const [count, seconds] = [latencies.length, (last - begun) / 1_000]
      return { count, seconds, throughput: count / seconds, latency: latencyOf(latencies), errors, problems }
    }
  }
}

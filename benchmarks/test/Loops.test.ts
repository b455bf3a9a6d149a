import { describe, expect, it } from "vitest"
import { run } from "../src/load/Loops.ts"
import type { Loop, Time } from "../src/load/Loops.ts"

/** Time that passes only from one thing that was waited for to the next. */
const makeTime = () => {
  const due: Array<{ readonly at: number; readonly work: () => void }> = []
  let now = 0
  const time: Time = {
    now: () => now,
    after: (milliseconds, work) => void due.push({ at: now + milliseconds, work })
  }
  const pass = () => {
    for (;;) {
      const next = due.toSorted((a, b) => a.at - b.at)[0]
      if (next === undefined) return
      due.splice(due.indexOf(next), 1)
      now = Math.max(now, next.at)
      next.work()
    }
  }
  return { time, pass }
}

/** A server with one hand: it takes `service` ms for each request, and does nothing at all from `from` to `to`. */
const makeServer = (time: Time, service: number, stall = { from: 0, to: 0 }) => {
  let free = 0
  return {
    send: (_: number, __: boolean, done: (problem: string | null) => void) => {
      const begins = Math.max(time.now(), free)
      const stalled = begins + service > stall.from && begins < stall.to ? stall.to - begins : 0
      free = begins + stalled + service
      time.after(free - time.now(), () => done(null))
    }
  }
}

const measure = async (loop: Loop, service: number, stall?: { readonly from: number; readonly to: number }) => {
  const { pass, time } = makeTime()
  let number = 0
  const client = makeServer(time, service, stall)
  const sample = run(loop, { client, next: () => number++, replayed: false, seconds: 1 }, time)
  pass()
  return { ...(await sample), asked: number }
}

describe("a closed loop", () => {
  it("finds what can be served", async () => {
    const { count, latency, throughput } = await measure({ kind: "closed", concurrency: 4 }, 2)
    expect(throughput).toBeCloseTo(500, -1)
    expect(count).toBeGreaterThanOrEqual(500)
    expect(latency.p50).toBe(8)
  })

  it("hides what a stall costs whoever does not wait for answers", async () => {
    const { latency } = await measure({ kind: "closed", concurrency: 2 }, 2, { from: 400, to: 600 })
    expect(latency.max).toBeGreaterThanOrEqual(200)
    // Two answers were late, of hundreds.
    expect(latency.p99).toBe(4)
  })
})

describe("an open loop", () => {
  it("asks at its rate, whatever can be served", async () => {
    const { asked, count, throughput } = await measure({ kind: "open", rate: 100, concurrency: 1_000 }, 2)
    expect([asked, count]).toEqual([100, 100])
    expect(throughput).toBeCloseTo(100, -1)
  })

  it("counts from when a request was due, so that a stall is felt by all that were due meanwhile", async () => {
    const { latency } = await measure({ kind: "open", rate: 100, concurrency: 1_000 }, 2, { from: 400, to: 600 })
    expect(latency.max).toBeGreaterThanOrEqual(190)
    // About a fifth of the second was stalled, so a fifth of the requests waited.
    expect(latency.p90).toBeGreaterThan(80)
    expect(latency.p50).toBeLessThan(5)
  })

  it("counts the wait for a free connection too", async () => {
    const unbounded = await measure({ kind: "open", rate: 100, concurrency: 1_000 }, 2, { from: 400, to: 600 })
    const bounded = await measure({ kind: "open", rate: 100, concurrency: 1 }, 2, { from: 400, to: 600 })
    expect(bounded.count).toBe(100)
    expect(bounded.latency.max).toBeCloseTo(unbounded.latency.max, -1)
    expect(bounded.latency.p90).toBeCloseTo(unbounded.latency.p90, -1)
  })

  it("shows a server that cannot keep up", async () => {
    const { count, latency, throughput } = await measure({ kind: "open", rate: 1_000, concurrency: 1_000 }, 2)
    expect(count).toBe(1_000)
    expect(throughput).toBeCloseTo(500, -1)
    expect(latency.max).toBeGreaterThan(990)
  })
})

describe("a wrong answer", () => {
  it("is counted, and told", async () => {
    const { pass, time } = makeTime()
    let number = 0
    const client = {
      send: (asked: number, _: boolean, done: (problem: string | null) => void) =>
        time.after(100, () => done(asked % 2 === 0 ? null : `number ${asked}`))
    }
    const load = { client, next: () => number++, replayed: false, seconds: 1 }
    const sample = run({ kind: "closed", concurrency: 1 }, load, time)
    pass()
    expect(await sample).toMatchObject({ count: 10, errors: 5, problems: ["number 1", "number 3", "number 5"] })
  })
})

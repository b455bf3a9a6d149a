/**
 * A thousand simulations, each checked. One that fails names its seed and the command that runs it again:
 * `SIMULATION_SEED=417 npx pnpm --filter @holdfast/testing test test/simulation`.
 */
import { check, simulate, summarize } from "@holdfast/testing"
import { assert, describe, it } from "@effect/vitest"
import { layerSqlite } from "@holdfast/core/sqlite"
import { Layer } from "effect"
import { cacheOnly } from "../history/broken/CacheOnly.ts"
import { eventOutside } from "../history/broken/EventOutside.ts"

const command = (seed: number) => `SIMULATION_SEED=${seed} npx pnpm --filter @holdfast/testing test test/simulation`

/** Checks the histories of seeds; fails with the first that breaks a promise. */
const run = (seeds: ReadonlyArray<number>) => {
  for (const seed of seeds) assert.deepStrictEqual(check(simulate({ seed })), [], `To run it again: ${command(seed)}`)
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)

/** One seed, if one is asked for; or a thousand, by the hundred. */
const asked = process.env["SIMULATION_SEED"]
const batches = asked === undefined ? range(0, 10).map((n) => range(100 * n + 1, 100)) : [[Number(asked)]]

const minutes = (count: number) => count * 60_000

describe("processes on one store, in bad weather, keep every promise", () => {
  for (const seeds of batches) {
    const name = seeds.length === 1 ? `the seed ${seeds[0]}` : `the seeds ${seeds[0]} to ${seeds.at(-1)}`
    it(`with ${name}`, { timeout: minutes(2) }, () => run(seeds))
  }
})

describe("a simulation", () => {
  it("is the same whenever it is run", () => {
    for (const seed of range(1, 3)) {
      assert.strictEqual(JSON.stringify(simulate({ seed })), JSON.stringify(simulate({ seed })))
    }
    assert.notStrictEqual(JSON.stringify(simulate({ seed: 1 })), JSON.stringify(simulate({ seed: 2 })))
  })

  it("has everything in it that can go wrong", () => {
    const summaries = range(1, 20).map((seed) => summarize(simulate({ seed })))
    for (const code of ["idempotency_mismatch", "revision_mismatch", "session_redacted"]) {
      assert.isTrue(
        summaries.some(({ failed }) => (failed[code] ?? 0) > 0),
        code
      )
    }
    assert.isTrue(summaries.every(({ calls, ok, replayed, unknown }) => calls > 100 && ok > replayed && unknown > 0))
    assert.isTrue(summaries.some(({ recovered }) => recovered > 0))
  })

  it(
    "runs over any store that does not leave the thread",
    () => {
      const stores = Layer.orDie(layerSqlite({ filename: ":memory:" }))
      for (const seed of range(1, 10)) assert.deepStrictEqual(check(simulate({ seed, stores })), [])
    },
    minutes(1)
  )

  it("rejects a server that keeps outcomes in its memory, and one whose events are apart", () => {
    for (const server of [cacheOnly, eventOutside]) {
      assert.isTrue(range(1, 10).some((seed) => check(simulate({ seed, server })).length > 0))
    }
  })
})

/** The check is checked: every broken server is rejected, for a promise that it breaks, and the library itself is not. */
import { check, simulate } from "@holdfast/testing"
import type { Server } from "@holdfast/testing"
import { assert, describe, it } from "@effect/vitest"
import { brokenServers } from "./broken/index.ts"

const seeds = Array.from({ length: 200 }, (_, n) => n + 1)

/** The promises that a server is seen to break in a simulation. */
const brokenBy = (seed: number, server?: Server) => [
  ...new Set(check(simulate({ seed, server })).map(({ invariant }) => invariant))
]

describe("a server that breaks a promise is rejected", () => {
  for (const { breaks, mistake, server } of brokenServers) {
    it(`because ${mistake} (${breaks.join(", ")})`, () => {
      const seed = seeds.find((seed) => brokenBy(seed, server).some((name) => breaks.includes(name)))
      assert.isDefined(seed)
      // The library itself keeps them all, whatever happens around it.
      assert.deepStrictEqual(brokenBy(seed), [])
    })
  }
})

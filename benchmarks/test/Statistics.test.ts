import { describe, expect, it } from "vitest"
import { latencyOf, median, medianRatio, percentile, slope } from "../src/Statistics.ts"

describe("median", () => {
  it("is the value in the middle, in whatever order they come", () => {
    expect(median([30, 10, 20])).toBe(20)
  })
  it("is between the two in the middle", () => {
    expect(median([40, 10, 20, 30])).toBe(25)
  })
  it("of nothing is not a number", () => {
    expect(median([])).toBeNaN()
  })
})

describe("percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, at) => at + 1)
  it("is a value that was measured, at or above the share", () => {
    expect([0.5, 0.9, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 90, 99, 100])
  })
  it("of one value is that value", () => {
    expect([0, 0.5, 0.99].map((share) => percentile([7], share))).toEqual([7, 7, 7])
  })
  it("is taken of latencies in any order", () => {
    expect(latencyOf(hundred.toReversed())).toEqual({ p50: 50, p90: 90, p99: 99, max: 100 })
  })
})

describe("the ratio of two contenders", () => {
  it("holds when the machine is slow for a round", () => {
    // In the second round everything took ten times as long; a ratio of medians would depend on which rounds were the slow ones.
    expect(medianRatio([200, 20, 210], [100, 10, 105])).toBe(2)
  })
  it("is of the rounds that both have", () => {
    expect(medianRatio([30, 60, 90], [10])).toBe(3)
    expect(medianRatio([30], [10, 20])).toBe(3)
  })
  it("of nobody is not a number", () => {
    expect(medianRatio([1], [])).toBeNaN()
  })
})

describe("slope", () => {
  it("is what a line rises by", () => {
    expect(slope([1, 2, 3, 4].map((x) => [x, 5 + 3 * x] as const))).toBeCloseTo(3)
  })
  it("is not moved by what goes up and down", () => {
    expect(slope([10, 12, 10, 12, 10].map((y, x) => [x, y] as const))).toBeCloseTo(0)
  })
})

/** The statistics of the tables: medians, percentiles, ratios that hold on a noisy machine, and a slope. */

/** The middle value, or the mean of the two in the middle; `NaN` of nothing. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The smallest of the sorted values that at least `share` (0 to 1) of them do not exceed; `NaN` of nothing. */
export const percentile = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN

/**
 * Median of the ratios round by round. What slows the machine for a while slows both sides of a round, so that it leaves
 * their ratio alone; a ratio of medians may compare a slow minute with a fast one. Rounds that only one side has are left
 * out.
 */
export const medianRatio = (values: ReadonlyArray<number>, references: ReadonlyArray<number>): number =>
  median(values.slice(0, references.length).map((value, round) => value / (references[round] ?? Number.NaN)))

/** Latencies of one measurement, in milliseconds. */
export interface Latency {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** The percentiles of latencies in milliseconds, in any order. */
export const latencyOf = (latencies: ReadonlyArray<number>): Latency => {
  const sorted = Float64Array.from(latencies).toSorted()
  return {
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
    max: percentile(sorted, 1)
  }
}

/** By how much y grows for each x, by least squares; `NaN` of fewer than two points. */
export const slope = (points: ReadonlyArray<readonly [x: number, y: number]>): number => {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const rise = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return rise / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}

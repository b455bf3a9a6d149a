/** The figure that this part of the figures does not exceed; 0 if there are none. */
export const percentile = (figures: ReadonlyArray<number>, part: number): number =>
  figures.toSorted((a, b) => a - b)[Math.ceil(figures.length * part) - 1] ?? 0

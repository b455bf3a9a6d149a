/**
 * Power cut: brings a file to what a power cut may leave of it. Of the bytes that are at risk each may be there, or not; what
 * takes their place is rubbish, or nothing.
 */
import { ftruncateSync, openSync, closeSync, fstatSync, rmSync, writeSync, existsSync } from "node:fs"
import type { Dice } from "../Dice.ts"
import type { AtRisk, Range } from "./Disk.ts"

/** Disks write sectors of this size as a whole. */
const sector = 512

/** The ways in which it ends: all is destroyed, or some sectors are, or the file is cut back to the length that is safe. */
const ways = ["rubbish", "zeros", "torn", "short"] as const

/** Cuts the power. How many bytes were destroyed. */
export const cutPower = (dice: Dice, { mayVanish, path, ranges, safeLength }: AtRisk): number => {
  if (!existsSync(path)) return 0
  if (mayVanish && dice.chance(0.5)) {
    rmSync(path)
    return 1
  }
  const file = openSync(path, "r+")
  try {
    const { size } = fstatSync(file)
    const way = dice.pick(ways)
    const exact = ranges.map(({ from, to }) => ({ from, to: Math.min(to, size) })).filter(({ from, to }) => from < to)
    const doomed = way === "torn" ? exact.flatMap(sectors).filter(() => dice.chance(0.5)) : exact
    let destroyed = 0
    for (const range of doomed) {
      writeSync(file, filling(dice, way === "zeros", range), 0, range.to - range.from, range.from)
      destroyed += range.to - range.from
    }
    if (way === "short" && safeLength < size) ftruncateSync(file, safeLength)
    return destroyed
  } finally {
    closeSync(file)
  }
}

/** The parts of a range that lie in one sector each. */
const sectors = ({ from, to }: Range): ReadonlyArray<Range> => {
  const parts: Array<Range> = []
  for (let start = from; start < to;) {
    const end = Math.min(to, (Math.floor(start / sector) + 1) * sector)
    parts.push({ from: start, to: end })
    start = end
  }
  return parts
}

const filling = (dice: Dice, zeros: boolean, { from, to }: Range): Buffer => {
  const bytes = Buffer.alloc(to - from)
  if (!zeros) for (let index = 0; index < bytes.length; index++) bytes[index] = dice.between(0, 255)
  return bytes
}

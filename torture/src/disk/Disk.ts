/**
 * Disk: what of some files is on the disk for sure. Fed with a {@link TraceEvent | trace}, it knows which bytes were written
 * after the last sync that was completed: those, a power cut may destroy.
 *
 * It is a mean disk. A write that had not returned when a sync began is not covered by it; a sync that failed loses for good
 * what it should have covered, as Linux does; a length is kept only by a sync; and a new file is there only when it was synced
 * in its directory.
 */
import { dirname } from "node:path"
import type { Operation, TraceEvent } from "./Trace.ts"

/** Bytes from `from` up to, but not including, `to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** What is not safe of a file. */
export interface AtRisk {
  readonly path: string
  readonly ranges: ReadonlyArray<Range>
  /** Its length, as far as that is safe. */
  readonly safeLength: number
  /** Whether the file itself may be gone. */
  readonly mayVanish: boolean
}

interface Write extends Range {
  /** When the write had returned, counted in events. */
  readonly done: number
  /** Whether a sync failed to bring it to the disk. */
  readonly lost: boolean
}

interface File {
  linked: boolean
  length: number
  safeLength: number
  writes: ReadonlyArray<Write>
}

interface Running {
  readonly operation: Operation
  readonly begun: number
  readonly length: number
}

/** The files with the lengths given are on the disk; all else is as the trace says. */
export const makeDisk = (lengths: ReadonlyMap<string, number>) => {
  const files = new Map<string, File>()
  for (const [path, length] of lengths) files.set(path, { linked: true, length, safeLength: length, writes: [] })
  const running = new Map<number, Running>()
  let now = 0

  const file = (path: string): File => {
    const found = files.get(path) ?? { linked: false, length: 0, safeLength: 0, writes: [] }
    files.set(path, found)
    return found
  }

  const end = ({ begun, length, operation }: Running, ok: boolean): void => {
    const { path } = operation
    const found = file(path)
    switch (operation.type) {
      case "write": {
        if (!ok) return
        const { from, to } = operation
        found.writes = [
          ...found.writes.flatMap((write) => without(write, operation)),
          { from, to, done: now, lost: false }
        ]
        found.length = Math.max(found.length, to)
        return
      }
      case "truncate": {
        if (!ok) return
        found.length = operation.length
        found.writes = found.writes.flatMap((write) => without(write, { from: operation.length, to: Infinity }))
        return
      }
      case "sync": {
        const isCovered = (write: Write) => write.done < begun && !write.lost
        if (!ok) {
          found.writes = found.writes.map((write) => (isCovered(write) ? { ...write, lost: true } : write))
          return
        }
        found.writes = found.writes.filter((write) => !isCovered(write))
        found.safeLength = length
        for (const [child, { linked }] of files) if (!linked && dirname(child) === path) file(child).linked = true
        return
      }
      case "unlink": {
        if (ok) files.delete(path)
      }
    }
  }

  return {
    /** Takes the next event of the trace. */
    apply: (event: TraceEvent): void => {
      now++
      if (event.moment === "begin") {
        const { operation } = event
        running.set(event.call, { operation, begun: now, length: files.get(operation.path)?.length ?? 0 })
        return
      }
      const call = running.get(event.call)
      running.delete(event.call)
      if (call !== undefined) end(call, event.ok)
    },

    /** What of a file is not safe at this moment. A write that has not returned may have been done. */
    atRisk: (path: string): AtRisk => {
      const { linked, safeLength, writes } = file(path)
      const begun = [...running.values()].flatMap(({ operation }) =>
        operation.type === "write" && operation.path === path ? [operation] : []
      )
      return { path, ranges: [...writes, ...begun], safeLength, mayVanish: !linked }
    }
  }
}

/** What is left of a write when others have been written over it. */
const without = (write: Write, { from, to }: Range): ReadonlyArray<Write> =>
  [
    { ...write, to: Math.min(write.to, from) },
    { ...write, from: Math.max(write.from, to) }
  ].filter((rest) => rest.from < rest.to)

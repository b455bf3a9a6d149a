/**
 * Trace: what `strace` saw processes do to files, in the order in which it happened, with the beginning and the end of each
 * system call: what was written counts as done only when the call had returned, and a sync covers only what was done before
 * it began.
 */

/** The calls that are recorded: SQLite writes to its files by no other. */
export const recorded = ["pwrite64", "fsync", "fdatasync", "ftruncate", "unlink"]

/** What a call does to which file. */
export type Operation =
  | { readonly type: "write"; readonly path: string; readonly from: number; readonly to: number }
  | { readonly type: "truncate"; readonly path: string; readonly length: number }
  | { readonly type: "sync"; readonly path: string }
  | { readonly type: "unlink"; readonly path: string }

/** A moment of a call. Both moments of one call have the same number. */
export type TraceEvent =
  | { readonly moment: "begin"; readonly call: number; readonly operation: Operation }
  | { readonly moment: "end"; readonly call: number; readonly ok: boolean; readonly injected: boolean }

const unfinished = "<unfinished ...>"

/** Reads what `strace -f -y` wrote. */
export function* readTrace(text: string): Generator<TraceEvent> {
  const running = new Map<string, number>()
  let calls = 0
  for (const line of text.split("\n")) {
    const [, thread = "", rest = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    if (rest.startsWith("<... ")) {
      const call = running.get(thread)
      running.delete(thread)
      if (call !== undefined) yield endOf(call, rest)
      continue
    }
    const operation = operationOf(rest)
    if (operation === null) continue
    const call = ++calls
    yield { moment: "begin", call, operation }
    if (rest.endsWith(unfinished)) running.set(thread, call)
    else yield endOf(call, rest)
  }
}

const endOf = (call: number, text: string): TraceEvent => {
  const result = /\) += (-?\d+)/.exec(text)?.[1]
  return {
    moment: "end",
    call,
    ok: result !== undefined && !result.startsWith("-"),
    injected: text.endsWith("(INJECTED)")
  }
}

const operationOf = (text: string): Operation | null => {
  const [, name, args = ""] = /^(\w+)\((.*)$/.exec(text) ?? []
  const path = /^\d+<([^>]*)>/.exec(args)?.[1] ?? ""
  const numbers = /, (\d+)(?:, (\d+))?(?:\)| <)/.exec(args)
  const [first, second] = [Number(numbers?.[1]), Number(numbers?.[2])]
  switch (name) {
    case "pwrite64":
      return { type: "write", path, from: second, to: second + first }
    case "ftruncate":
      return { type: "truncate", path, length: first }
    case "fsync":
    case "fdatasync":
      return { type: "sync", path }
    case "unlink":
      return { type: "unlink", path: /^"([^"]*)"/.exec(args)?.[1] ?? "" }
    default:
      return null
  }
}

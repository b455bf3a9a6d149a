#!/usr/bin/env node
/**
 * The executable. Compiled code is cached between runs, which saves a quarter of a second at every start. It is JavaScript, because
 * for the types of this one file, which comes before the cache, Node would load the whole of what strips them: 16 MB.
 */
import { enableCompileCache } from "node:module"
import { setFlagsFromString } from "node:v8"

enableCompileCache()

// V8 puts objects that seem to live long where only a full collection looks. What waits for the disk seems so, and what is put
// there by mistake keeps its whole request.
setFlagsFromString("--no-allocation-site-pretenuring")

// Between its first and its last compiler V8 has a third, which takes 33 MB, and of which the speed shows nothing (docs/performance.md).
setFlagsFromString("--no-maglev")

// A full collection when the old generation has grown by a third. Later ones would be fewer, of a larger process.
setFlagsFromString("--heap-growing-percent=30")

const { runMain } = await import("@effect/platform-node/NodeRuntime")
const { defaultTeardown } = await import("effect/Runtime")
const { main } = await import("./cli/Main.ts")

const args = process.argv.slice(2)

/** Exit code of a process that was interrupted. A server that was told to stop, and did, has succeeded. */
const interrupted = args[0] === "start" ? 0 : 130

runMain(main(args), {
  disableErrorReporting: true,
  teardown: (exit, onExit) => defaultTeardown(exit, (code) => onExit(code === 130 ? interrupted : code))
})

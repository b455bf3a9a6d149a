/** An empty directory for a test, gone afterwards. */
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "holdfast-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

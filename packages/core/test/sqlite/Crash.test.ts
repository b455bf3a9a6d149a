import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { layerSqlite } from "../../src/sqlite/index.ts"
import { SessionStore } from "../../src/store/SessionStore.ts"
import { idempotencyKey, now, sessionId, tenant } from "../StoreFixtures.ts"
import { otherConnection, temporaryFile } from "./temporaryFile.ts"

const program = fileURLToPath(new URL("writer.ts", import.meta.url))

/** Starts a process that commits session after session from `first` on, and kills it after some; those it acknowledged. */
const writeAndKill = async (filename: string, first: number, after: number): Promise<ReadonlyArray<number>> => {
  const writer = spawn(process.execPath, [program, filename, String(first)], { stdio: ["ignore", "pipe", "inherit"] })
  const gone = once(writer, "exit")
  const acknowledged: Array<number> = []
  for await (const line of createInterface({ input: writer.stdout })) {
    if (acknowledged.push(Number(line)) === after) writer.kill("SIGKILL")
  }
  const [, signal] = await gone
  assert.strictEqual(signal, "SIGKILL")
  return acknowledged
}

describe("a process that is killed", () => {
  it.live("has kept every commit that it acknowledged, each complete, and leaves nothing to clean up", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      const acknowledged: Array<number> = []
      for (const after of [1, 40, 97]) {
        acknowledged.push(...(yield* Effect.promise(() => writeAndKill(filename, acknowledged.length * 2, after))))
      }
      assert.isAtLeast(acknowledged.length, 138)

      const services = yield* Layer.build(layerSqlite({ filename }))
      const store = Context.get(services, SessionStore)
      for (const n of acknowledged) {
        const request = { tenant, session: sessionId(n), key: idempotencyKey(`key-${n}`), event: null, now }
        const { record } = yield* store.load(request)
        const { eventRevision, session } = yield* store.load({ ...request, key: null, event: record?.run ?? null })
        assert.strictEqual(session?.id, sessionId(n))
        assert.strictEqual(eventRevision, 1)
      }
      const other = yield* otherConnection(filename)
      assert.deepStrictEqual({ ...other.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" })
      const count = (table: string) => other.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]
      const sessions = Number(count("sessions"))
      assert.isAtMost(sessions, acknowledged.length + 3)
      for (const table of ["idempotency_records", "history"]) assert.strictEqual(count(table), sessions)
    })
  )
})

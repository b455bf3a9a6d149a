/** A process that commits session after session, and prints the number of each as soon as it is acknowledged. */
import { Effect } from "effect"
import { writeSync } from "node:fs"
import { layerSqlite } from "../../src/sqlite/index.ts"
import { SessionStore } from "../../src/store/SessionStore.ts"
import { makeCommit, makeSession } from "../StoreFixtures.ts"

const [, , filename = "", first = "0"] = process.argv

const write = Effect.gen(function* () {
  const store = yield* SessionStore
  for (let n = Number(first); ; n++) {
    yield* store.commit([makeCommit(makeSession(n), { key: `key-${n}` })])
    writeSync(1, `${n}\n`)
  }
})

await Effect.runPromise(Effect.provide(write, layerSqlite({ filename })))

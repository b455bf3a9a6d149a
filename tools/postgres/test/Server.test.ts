import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execute, startPostgres } from "../src/index.ts"

describe("a PostgreSQL server of one's own", () => {
  it.live(
    "keeps what was committed through a crash and a restart",
    () =>
      Effect.gen(function* () {
        const server = yield* startPostgres()
        assert.isBelow(server.port, 32_768)
        const url = yield* server.createDatabase({ settings: { default_transaction_isolation: "serializable" } })
        yield* execute(url, ["CREATE TABLE item (id INTEGER)", "INSERT INTO item VALUES (1)"])
        yield* server.crash
        assert.strictEqual((yield* Effect.flip(execute(url, ["SELECT 1"])))._tag, "SqlError")
        yield* server.start
        yield* execute(url, ["INSERT INTO item VALUES (2)"])
        yield* server.restart
        assert.deepStrictEqual(yield* execute(url, ["SELECT id FROM item ORDER BY id"]), [{ id: 1 }, { id: 2 }])
        const [settings] = yield* execute(url, [
          "SELECT current_setting('fsync') f, current_setting('transaction_isolation') i"
        ])
        assert.deepStrictEqual(settings, { f: "on", i: "serializable" })
      }),
    30_000
  )
})

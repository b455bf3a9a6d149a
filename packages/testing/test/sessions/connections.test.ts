/** Several processes on one database, each with a connection of its own: what holds for one holds for all together. */
import { Sessions } from "@holdfast/core"
import type { Outcome } from "@holdfast/core"
import { layerPostgres } from "@holdfast/core/postgres"
import { layerSqlite } from "@holdfast/core/sqlite"
import { assert, describe, it } from "@effect/vitest"
import { layerOver } from "@holdfast/testing"
import type { Stores } from "@holdfast/testing"
import { Context, Effect, Layer, Redacted } from "effect"
import type { Scope } from "effect"
import { join } from "node:path"
import { postgresDatabase, temporaryDirectory } from "../engines.ts"
import { caller } from "../support.ts"

const atOnce = { concurrency: "unbounded" } as const

/** Makes a database, and answers with a way to it, which is another connection each time it is built. */
const databases: ReadonlyArray<
  readonly [name: string, Effect.Effect<Layer.Layer<Stores, unknown>, unknown, Scope.Scope>]
> = [
  ["SQLite file", Effect.map(temporaryDirectory, (directory) => layerSqlite({ filename: join(directory, "test.db") }))],
  ["PostgreSQL database", Effect.map(postgresDatabase, (url) => layerPostgres({ url: Redacted.make(url) }))]
]

describe.each(databases)("three processes on one %s", (_, database) => {
  const three = Effect.gen(function* () {
    const stores = yield* database
    const open = Effect.map(Layer.build(Layer.fresh(layerOver(stores))), Context.get(Sessions))
    return [yield* open, yield* open, yield* open] as const
  })

  it.live("90 duplicates at once are one update", () =>
    Effect.gen(function* () {
      const processes = yield* three
      const { session } = yield* processes[0].create(caller, {})
      const request = { id: session.id, input: { metadata: { tier: "gold" } }, idempotencyKey: "k" }
      const outcomes = yield* Effect.forEach(
        Array.from({ length: 30 }, () => processes).flat(),
        (sessions) => sessions.update(caller, request),
        atOnce
      )
      assert.strictEqual(outcomes.filter(({ replayed }) => !replayed).length, 1)
      for (const { session } of outcomes) assert.strictEqual(session.revision, 2)
      assert.strictEqual((yield* processes[1].get(caller, session.id)).revision, 2)
    })
  )

  it.live("90 updates of one session at once are 90 revisions, and nothing is lost", () =>
    Effect.gen(function* () {
      const processes = yield* three
      const { session } = yield* processes[0].create(caller, {})
      const updates = Array.from({ length: 90 }, (_, n) => {
        const request = { id: session.id, input: { metadata: { [`key-${n % 45}`]: n } }, idempotencyKey: `update-${n}` }
        return processes[n % 3]?.update(caller, request) ?? Effect.die("no such process")
      })
      const outcomes: ReadonlyArray<Outcome> = yield* Effect.all(updates, atOnce)
      const revisions = outcomes.map(({ session }) => session.revision).toSorted((a, b) => a - b)
      assert.deepStrictEqual(
        revisions,
        Array.from({ length: 90 }, (_, n) => n + 2)
      )
      const { metadata } = yield* processes[2].get(caller, session.id)
      const last = outcomes.toSorted((a, b) => b.session.revision - a.session.revision)[0]
      assert.deepStrictEqual(metadata, last?.session.metadata)
      assert.strictEqual(Object.keys(metadata).length, 45)
    })
  )
})

/**
 * Holdfast inside a plain Effect program: no server, no API keys, and a SQLite file of its own.
 *
 * `node embed.ts` updates a session, stops, starts again over the same file, and repeats the update.
 */
import { ApiKeys, callerFor, IdGenerator, Keyring, Sessions } from "@holdfast/core"
import type { SessionId } from "@holdfast/core"
import { layerSqlite } from "@holdfast/core/sqlite"
import { Console, Effect, Layer, Redacted } from "effect"
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const directory = mkdtempSync(join(tmpdir(), "holdfast-embed-"))

// A layer each time, because each time stands for a process of its own.
const holdfast = () =>
  Layer.mergeAll(Sessions.layer, ApiKeys.layer).pipe(
    Layer.provide([
      layerSqlite({ filename: join(directory, "embedded.db") }),
      Keyring.layer({ secret: Redacted.make("at least thirty-two bytes of secret") }),
      IdGenerator.layer
    ])
  )

/** Whoever runs the program acts for the organization `acme`. */
const caller = Effect.gen(function* () {
  const { organization } = yield* (yield* ApiKeys).ensureOrganization("acme")
  return callerFor(organization, "live")
})

const create = Effect.gen(function* () {
  const sessions = yield* Sessions
  return yield* sessions.create(yield* caller, { input: { externalRef: "user-42", metadata: { note: "call back" } } })
})

/** Happens once for each key, however often it is asked for. */
const upgrade = Effect.fnUntraced(function* (id: SessionId) {
  const sessions = yield* Sessions
  const input = { metadata: { tier: "gold", note: null } }
  return yield* sessions.update(yield* caller, { id, input, idempotencyKey: "order-7" })
})

const program = Effect.gen(function* () {
  const { session } = yield* Effect.provide(create, holdfast())

  const first = yield* Effect.provide(upgrade(session.id), holdfast())
  assert.deepEqual([first.replayed, first.session.revision, first.session.metadata], [false, 2, { tier: "gold" }])

  const second = yield* Effect.provide(upgrade(session.id), holdfast())
  assert.deepEqual([second.replayed, second.session.revision], [true, 2])

  // What can go wrong is in the type: here it is caught by its tag.
  const missing = yield* upgrade("ses_00000000000000000000000000" as SessionId).pipe(
    Effect.catchTag("Unprocessable", ({ code }) => Effect.succeed(code)),
    Effect.provide(holdfast())
  )
  assert.equal(missing, "idempotency_mismatch")

  yield* Console.log("Updated once, answered twice, across a restart")
})

await Effect.runPromise(program).finally(() => rmSync(directory, { recursive: true }))

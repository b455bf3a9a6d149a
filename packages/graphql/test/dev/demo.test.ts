/** What `start` keeps for development: the demo, made once, and made good when files went missing. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { ApiKeys, ApiKeyStore, callerFor, Sessions } from "@holdfast/core"
import { layerSqlite } from "@holdfast/core/sqlite"
import { Effect, Redacted } from "effect"
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { demoMetadata, ensureDemo } from "../../src/dev/DemoData.ts"
import { openDevFile } from "../../src/dev/DevFile.ts"
import { layerServices } from "../../src/Services.ts"
import { temporaryDirectory } from "../TemporaryDirectory.ts"

const fileOf = (filename: string) => ({ engine: "sqlite", filename }) as const

/** What a start does for the demo. With a `pepper`, the environment has a secret of its own. */
const start = (filename: string, pepper: string | null = null) =>
  Effect.gen(function* () {
    const file = yield* openDevFile(fileOf(filename))
    const secret = pepper === null ? file.data.secret : Redacted.make(pepper)
    return yield* Effect.gen(function* () {
      const { demo, notes } = yield* ensureDemo(file, { ownSecret: pepper === null })
      if (demo === null) return { key: null, session: null, notes }
      const identity = yield* (yield* ApiKeys).authenticate({ key: demo.key, address: null, requestId: "test" })
      const organization = yield* (yield* ApiKeyStore).findOrganization(identity.organization)
      const caller = callerFor(organization ?? assert.fail("no organization"), identity.kind)
      const session = yield* (yield* Sessions).get(caller, demo.session)
      return { key: Redacted.value(demo.key), session, notes, identity, caller }
    }).pipe(
      Effect.provide(layerServices({ stores: layerSqlite({ filename }), secret, publicUrl: "http://127.0.0.1:4000" }))
    )
  }).pipe(Effect.provide(NodeFileSystem.layer))

const place = Effect.map(temporaryDirectory, (path) => ({
  database: join(path, "data", "holdfast.db"),
  devFile: join(path, "data", "dev.json")
}))

const removeDatabase = (database: string) =>
  ["", "-wal", "-shm"].forEach((end) => rmSync(database + end, { force: true }))

const ownSecret = "a secret that somebody keeps elsewhere"

describe("the demo", () => {
  it.live("is a sandbox key and a session that the key can see, told once", () =>
    Effect.gen(function* () {
      const { database, devFile } = yield* place
      const first = yield* start(database)
      assert.match(first.key ?? "", /^vk_sandbox_/)
      assert.deepStrictEqual(first.session?.metadata, demoMetadata)
      assert.deepStrictEqual(first.notes, [
        `Made a sandbox key and a session for the organization demo; see ${devFile}`
      ])
    })
  )

  it.live("is the same at the next start", () =>
    Effect.gen(function* () {
      const { database } = yield* place
      const first = yield* start(database)
      const second = yield* start(database)
      assert.deepStrictEqual([second.key, second.session?.id, second.notes], [first.key, first.session?.id, []])
    })
  )

  it.live("is kept in a file that its owner alone may read", () =>
    Effect.gen(function* () {
      const { database, devFile } = yield* place
      yield* start(database)
      assert.strictEqual(statSync(devFile).mode & 0o777, 0o600)
    })
  )

  it.live("is made anew, under the same secret, where the database was deleted", () =>
    Effect.gen(function* () {
      const { database, devFile } = yield* place
      const first = yield* start(database)
      const { secret } = JSON.parse(readFileSync(devFile, "utf8"))
      removeDatabase(database)
      const second = yield* start(database)
      assert.notStrictEqual(second.key, first.key)
      assert.include(second.notes[0], "because those of before are not in this database")
      assert.strictEqual(JSON.parse(readFileSync(devFile, "utf8")).secret, secret)
    })
  )

  it.live("is made anew where the file was deleted, and says that other keys are lost", () =>
    Effect.gen(function* () {
      const { database, devFile } = yield* place
      const first = yield* start(database)
      rmSync(devFile)
      const second = yield* start(database)
      assert.notStrictEqual(second.key, first.key)
      assert.include(second.notes[0], "API keys made earlier are not good any more")
    })
  )

  it.live("gets a new session where the old one was redacted, and keeps its key", () =>
    Effect.gen(function* () {
      const { database } = yield* place
      const { caller, key, session } = yield* start(database)
      const { secret } = (yield* openDevFile(fileOf(database)).pipe(Effect.provide(NodeFileSystem.layer))).data
      yield* Effect.flatMap(Sessions, (sessions) =>
        sessions.redact(caller ?? assert.fail(), { id: session?.id ?? "" })
      ).pipe(
        Effect.provide(
          layerServices({ stores: layerSqlite({ filename: database }), secret, publicUrl: "http://127.0.0.1:4000" })
        )
      )
      const second = yield* start(database)
      assert.strictEqual(second.key, key)
      assert.notStrictEqual(second.session?.id, session?.id)
    })
  )

  it.live("is made in an empty database under a secret from the environment too", () =>
    Effect.gen(function* () {
      const { database } = yield* place
      const first = yield* start(database, ownSecret)
      const second = yield* start(database, ownSecret)
      assert.isNotNull(first.key)
      assert.strictEqual(second.key, first.key)
    })
  )

  it.live("is not made in a database with data under such a secret", () =>
    Effect.gen(function* () {
      const { database, devFile } = yield* place
      yield* start(database, ownSecret)
      rmSync(devFile)
      assert.deepStrictEqual(yield* start(database, ownSecret), { key: null, session: null, notes: [] })
    })
  )

  it.live("leaves no file for a database in memory", () =>
    Effect.gen(function* () {
      assert.isNotNull((yield* start(":memory:")).key)
      assert.isFalse(existsSync("dev.json"))
    })
  )
})

describe("the development file", () => {
  it.live("gives processes that start together one secret", () =>
    Effect.gen(function* () {
      const { database } = yield* place
      const opened = yield* Effect.all(
        Array.from({ length: 20 }, () => openDevFile(fileOf(database))),
        { concurrency: "unbounded" }
      ).pipe(Effect.provide(NodeFileSystem.layer))
      assert.strictEqual(new Set(opened.map(({ data }) => Redacted.value(data.secret))).size, 1)
      assert.strictEqual(opened.filter(({ created }) => created).length, 1)
    })
  )

  it.live("is refused, and left as it is, where it holds something else", () =>
    Effect.gen(function* () {
      const path = yield* temporaryDirectory
      writeFileSync(join(path, "dev.json"), '{ "secret": "short" }')
      const error = yield* Effect.flip(
        openDevFile(fileOf(join(path, "holdfast.db"))).pipe(Effect.provide(NodeFileSystem.layer))
      )
      assert.strictEqual(error.message, `${path}/dev.json holds no development data: delete it and start again`)
    })
  )
})

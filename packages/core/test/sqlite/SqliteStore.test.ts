import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Effect, Fiber, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { existsSync, statSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { inspect } from "node:util"
import type { SessionId } from "../../src/domain/Ids.ts"
import type { Session } from "../../src/domain/Session.ts"
import { layerSqlite } from "../../src/sqlite/index.ts"
import { ApiKeyStore } from "../../src/store/ApiKeyStore.ts"
import { SessionStore } from "../../src/store/SessionStore.ts"
import type { StoreError } from "../../src/store/SessionStore.ts"
import {
  idempotencyKey,
  later,
  makeCommit,
  makeSession,
  now,
  organization,
  redact,
  sessionId,
  tenant
} from "../StoreFixtures.ts"
import { otherConnection, temporaryFile } from "./temporaryFile.ts"

const open = (filename: string) =>
  Effect.map(Layer.build(layerSqlite({ filename })), (services) => ({
    sessions: Context.get(services, SessionStore),
    keys: Context.get(services, ApiKeyStore)
  }))

/** A store over a fresh file, and another connection to the same file. */
const openBoth = Effect.gen(function* () {
  const filename = yield* temporaryFile
  const { sessions } = yield* open(filename)
  return { filename, sessions, other: yield* otherConnection(filename) }
})

const stored = (sessions: SessionStore["Service"], session: SessionId) =>
  Effect.map(sessions.load({ tenant, session, key: null, event: null, now }), (loaded) => loaded.session)

const failure = <A>(effect: Effect.Effect<A, StoreError>) => Effect.flip(effect)

describe("a file", () => {
  it.effect("is made with its directory, and keeps everything until it is opened again", () =>
    Effect.gen(function* () {
      const filename = join(dirname(yield* temporaryFile), "data", "deep", "holdfast.db")
      const change = makeCommit(makeSession(1, { metadata: { b: 1, a: [null, "ü"] }, tags: ["x"] }), { key: "first" })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { keys, sessions } = yield* open(filename)
          yield* keys.ensureOrganization(organization)
          assert.deepStrictEqual(yield* sessions.commit([change]), ["committed"])
        })
      )
      assert.isFalse(existsSync(`${filename}-wal`))
      assert.deepStrictEqual(
        [dirname(filename), filename].map((path) => statSync(path).mode & 0o777),
        [0o700, 0o600]
      )

      const { keys, sessions } = yield* open(filename)
      assert.deepStrictEqual(yield* keys.organizations, [organization])
      const event = change.events[0]?.id ?? null
      const request = { tenant, session: change.session, key: null, event, now }
      const { session, ...rest } = yield* sessions.load(request)
      assert.deepStrictEqual(session, change.next)
      assert.deepStrictEqual(Object.keys(session?.metadata ?? {}), ["b", "a"])
      assert.deepStrictEqual(rest, { record: null, eventRevision: 1 })
      const { record } = yield* sessions.load({ ...request, key: idempotencyKey("first") })
      assert.deepStrictEqual(record, change.record)
      assert.deepStrictEqual(yield* sessions.history(tenant, change.session), {
        events: change.events,
        audit: change.audit === null ? [] : [change.audit]
      })
    })
  )

  it.effect.each([
    ["a directory", (filename: string) => mkdirSync(filename), "unable to open database file"],
    ["no database", (filename: string) => writeFileSync(filename, "canary ".repeat(100)), "file is not a database"],
    ["in no directory", (filename: string) => writeFileSync(dirname(filename), ""), "EEXIST"]
  ] as const)("that is %s is named in the error, and what SQLite says of it", ([, make, reason]) =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFile, "x.db")
      if (reason !== "EEXIST") mkdirSync(dirname(filename))
      make(filename)
      const error = yield* Effect.flip(open(filename))
      assert.strictEqual(error._tag, "StoreUnopened")
      assert.include(error.message, filename)
      assert.include(error.message, reason)
      assert.notInclude(inspect(error, { depth: 10 }), "canary")
    })
  )
})

describe("migrations", () => {
  it.effect("run once, whoever opens the file next or at the same moment", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Effect.forEach(Array.from({ length: 5 }), () => open(filename), { concurrency: "unbounded" })
      const other = yield* otherConnection(filename)
      const ran = other.prepare("SELECT name FROM holdfast_migrations").all()
      assert.deepStrictEqual(
        Array.from(ran, (row) => row["name"]),
        ["sessions"]
      )
    })
  )

  for (const [file, pragma] of [
    ["", "PRAGMA journal_mode = WAL;"],
    [" of a file that is not converted yet", ""]
  ] as const) {
    it.live(`wait for another process that is in the middle of it${file}`, () =>
      Effect.gen(function* () {
        const filename = yield* temporaryFile
        const other = yield* otherConnection(filename)
        other.exec(`${pragma} BEGIN IMMEDIATE; CREATE TABLE half_way (id TEXT)`)
        const opening = yield* Effect.forkChild(open(filename), { startImmediately: true })
        yield* Effect.yieldNow
        other.exec("COMMIT")
        const { sessions } = yield* Fiber.join(opening)
        yield* sessions.ready
      })
    )
  }
})

describe("a database that another process is writing to", () => {
  it.live("is waited for without holding up the process", () =>
    Effect.gen(function* () {
      const { other, sessions } = yield* openBoth
      other.exec("BEGIN IMMEDIATE")
      const writers = yield* Effect.forEach([1, 2, 3], (n) => sessions.commit([makeCommit(makeSession(n))]), {
        concurrency: "unbounded"
      }).pipe(Effect.forkChild({ startImmediately: true }))
      assert.isNull(yield* stored(sessions, sessionId(1)))
      other.exec("COMMIT")
      assert.deepStrictEqual(yield* Fiber.join(writers), [["committed"], ["committed"], ["committed"]])
    })
  )

  it.effect("is given up after five seconds, and nothing was written", () =>
    Effect.gen(function* () {
      const { other, sessions } = yield* openBoth
      other.exec("BEGIN IMMEDIATE")
      const writers = yield* Effect.forEach(
        [1, 2],
        (n) => Effect.result(sessions.commit([makeCommit(makeSession(n))])),
        { concurrency: "unbounded" }
      ).pipe(Effect.forkChild({ startImmediately: true }))
      yield* TestClock.adjust("4900 millis")
      assert.isUndefined(writers.pollUnsafe())
      yield* TestClock.adjust("200 millis")
      for (const result of yield* Fiber.join(writers)) {
        assert.isTrue(Result.isFailure(result) && result.failure.outcome === "not_applied")
      }
      other.exec("ROLLBACK")
      assert.deepStrictEqual(yield* sessions.commit([makeCommit(makeSession(1))]), ["committed"])
    })
  )
})

describe("a commit", () => {
  const refuse = (id: SessionId) => `CREATE TRIGGER refuse BEFORE INSERT ON sessions WHEN NEW.id = '${id}'
    BEGIN SELECT RAISE(ABORT, 'refused'); END`

  it.effect("whose COMMIT fails is in doubt", () =>
    Effect.gen(function* () {
      const { other, sessions } = yield* openBoth
      // COMMIT is where SQLite finds a deferred foreign key violated.
      other.exec(`CREATE TABLE whole (id TEXT PRIMARY KEY);
        CREATE TABLE part (whole TEXT REFERENCES whole (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER doubt AFTER INSERT ON sessions BEGIN INSERT INTO part VALUES ('nowhere'); END`)
      const error = yield* failure(sessions.commit([makeCommit(makeSession(1)), makeCommit(makeSession(2))]))
      assert.strictEqual(error.outcome, "unknown")
      assert.strictEqual((yield* failure(redact(sessions, makeCommit(makeSession(1))))).outcome, "unknown")

      assert.isNull(yield* stored(sessions, sessionId(1)))
      other.exec("DROP TRIGGER doubt")
      assert.deepStrictEqual(yield* sessions.commit([makeCommit(makeSession(1))]), ["committed"])
    })
  )

  it.effect("that fails otherwise wrote nothing", () =>
    Effect.gen(function* () {
      const { other, sessions } = yield* openBoth
      other.exec("CREATE TRIGGER refuse BEFORE INSERT ON idempotency_records BEGIN SELECT RAISE(ABORT, 'refused'); END")
      const change = makeCommit(makeSession(1), { key: "first" })
      assert.strictEqual((yield* failure(sessions.commit([change]))).outcome, "not_applied")
      const event = change.events[0]?.id ?? null
      const request = { tenant, session: change.session, key: idempotencyKey("first"), event, now }
      assert.deepStrictEqual(yield* sessions.load(request), { session: null, record: null, eventRevision: null })
    })
  )

  it.effect("whose event is there already wrote nothing", () =>
    Effect.gen(function* () {
      const { sessions } = yield* openBoth
      const first = makeCommit(makeSession(1))
      assert.deepStrictEqual(yield* sessions.commit([first]), ["committed"])
      const again = { ...makeCommit(makeSession(2)), events: first.events }
      assert.strictEqual((yield* failure(sessions.commit([again]))).outcome, "not_applied")
      assert.isNull(yield* stored(sessions, sessionId(2)))
    })
  )

  it.effect("of several, of which one cannot be written, writes the others and sends each to look itself up", () =>
    Effect.gen(function* () {
      const { other, sessions } = yield* openBoth
      other.exec(refuse(sessionId(2)))
      const batch = [1, 2, 3].map((n) => makeCommit(makeSession(n)))
      const error = yield* failure(sessions.commit(batch as [(typeof batch)[0]]))
      assert.strictEqual(error.outcome, "unknown")
      const found = yield* Effect.forEach([1, 2, 3], (n) => stored(sessions, sessionId(n)))
      assert.deepStrictEqual(
        found.map((session) => session?.id),
        [sessionId(1), undefined, sessionId(3)]
      )
    })
  )

  it.effect("of several that were all refused or failed is known to have written nothing", () =>
    Effect.gen(function* () {
      const { other, sessions } = yield* openBoth
      other.exec(refuse(sessionId(2)))
      const error = yield* failure(
        sessions.commit([makeCommit(makeSession(1, { revision: 7 })), makeCommit(makeSession(2))])
      )
      assert.strictEqual(error.outcome, "not_applied")
    })
  )
})

describe("an error", () => {
  const canary = "canary-5f0c"

  it.effect("about a session that cannot be written does not say what it was", () =>
    Effect.gen(function* () {
      const { sessions } = yield* openBoth
      const broken = makeSession(1, { externalRef: canary, metadata: { canary, bad: () => canary } as never })
      const error = yield* failure(sessions.commit([makeCommit(broken, { key: canary, outcome: canary })]))
      assert.strictEqual(error.outcome, "not_applied")
      assert.notInclude(inspect(error, { depth: 20 }), canary)
    })
  )

  it.effect.each(["not JSON, canary-5f0c", `{"id":"canary-5f0c"}`])(
    "about a session that cannot be read does not say what it is: %s",
    (data) =>
      Effect.gen(function* () {
        const { other, sessions } = yield* openBoth
        yield* sessions.commit([makeCommit(makeSession(1))])
        other.prepare("UPDATE sessions SET data = ?").run(data)
        const error = yield* failure(stored(sessions, sessionId(1)))
        assert.include(inspect(error, { depth: 20 }), "The stored session cannot be read")
        assert.notInclude(inspect(error, { depth: 20 }), canary)
      })
  )
})

describe("a page of expired sessions", () => {
  it.effect("merges those stored as such with those that have lapsed since", () =>
    Effect.gen(function* () {
      const { sessions } = yield* openBoth
      const each: ReadonlyArray<Partial<Session>> = [
        { status: "expired" },
        { status: "pending" },
        { status: "completed" },
        { status: "capturing", tokenExpiresAt: null },
        { status: "capturing" },
        { status: "expired" }
      ]
      for (const [index, patch] of each.entries()) yield* sessions.commit([makeCommit(makeSession(index, patch))])

      const page = (direction: "older" | "newer", from: number | null, limit: number) =>
        Effect.map(
          sessions.list({
            tenant,
            status: "expired",
            externalRef: null,
            direction,
            from: from === null ? null : sessionId(from),
            limit,
            now: later("20 minutes")
          }),
          (found) => found.map((session) => Number(session.id.slice(4)))
        )
      assert.deepStrictEqual(yield* page("older", null, 10), [5, 4, 1, 0])
      assert.deepStrictEqual(yield* page("older", 5, 2), [4, 1])
      assert.deepStrictEqual(yield* page("newer", 0, 2), [1, 4])
    })
  )
})

describe("a page by number", () => {
  it.effect("takes times that no four-digit year can write", () =>
    Effect.gen(function* () {
      const { sessions } = yield* openBoth
      yield* sessions.commit([makeCommit(makeSession(1))])
      const total = (createdAfter: DateTime.Utc | null, createdBefore: DateTime.Utc | null) =>
        Effect.map(
          sessions.page({
            tenant,
            status: null,
            externalRef: null,
            idOrExternalRef: null,
            tag: null,
            createdAfter,
            createdBefore,
            offset: 0,
            limit: 1,
            now
          }),
          (page) => page.total
        )
      const [first, last] = [DateTime.makeUnsafe(-8.64e15), DateTime.makeUnsafe(8.64e15)]
      assert.strictEqual(yield* total(first, last), 1)
      assert.strictEqual(yield* total(last, null), 0)
      assert.strictEqual(yield* total(null, first), 0)
    })
  )
})

describe("a sweep", () => {
  it.effect("deletes in small steps, and never more than it is told", () =>
    Effect.gen(function* () {
      const { sessions } = yield* openBoth
      for (let n = 0; n < 250; n++) yield* sessions.commit([makeCommit(makeSession(n), { key: `key-${n}` })])
      const sweep = (limit: number) => sessions.sweep(tenant, later("24 hours"), limit)
      assert.strictEqual(yield* sweep(0), 0)
      assert.strictEqual(yield* sweep(130), 130)
      assert.strictEqual(yield* sweep(100), 100)
      assert.strictEqual(yield* sweep(1000), 20)
    })
  )
})

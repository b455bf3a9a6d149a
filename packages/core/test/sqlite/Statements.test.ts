import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { DatabaseSync } from "node:sqlite"
import { vi } from "vitest"
import { SessionStatus } from "../../src/domain/SessionStatus.ts"
import { tenantTables } from "../../src/sql/Migrations.ts"
import { makeNumbered } from "../../src/sql/Numbered.ts"
import { layerSqlite } from "../../src/sqlite/index.ts"
import * as statements from "../../src/sql/Statements.ts"
import { ApiKeyStore } from "../../src/store/ApiKeyStore.ts"
import { SessionStore } from "../../src/store/SessionStore.ts"
import { unboundTables } from "../sql/tenantBinding.ts"
import {
  anApiKey,
  eventId,
  later,
  loneEntry,
  makeCommit,
  makeSession,
  now,
  organization,
  redact,
  sessionId,
  tenant
} from "../StoreFixtures.ts"
import { otherConnection, temporaryFile } from "./temporaryFile.ts"

const statuses = [null, ...SessionStatus.literals]

const lists: ReadonlyArray<statements.ListShape> = statuses.flatMap((status) =>
  [null, "user-1"].flatMap((externalRef) =>
    [null, sessionId(1)].flatMap((from) =>
      (["older", "newer"] as const).map((direction) => ({ status, externalRef, from, direction }))
    )
  )
)

const anyPage: statements.PageShape = {
  status: null,
  externalRef: null,
  idOrExternalRef: null,
  tag: null,
  createdAfter: null,
  createdBefore: null
}
const allFilters = { externalRef: "user-1", idOrExternalRef: "user-1", tag: "x", createdAfter: now, createdBefore: now }
const pages: ReadonlyArray<statements.PageShape> = statuses.flatMap((status) => [
  { ...anyPage, status },
  { ...allFilters, status }
])

const numbered = makeNumbered("?")

const catalogue: ReadonlyArray<readonly [name: string, sql: string]> = [
  ["eraseRecords", statements.eraseRecords("sqlite")],
  ...Object.entries(statements).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  ...lists.map((list) => [`listSessions ${JSON.stringify(list)}`, statements.listSessions(list)] as const),
  ...pages.map((page) => [`pageSessions ${JSON.stringify(page)}`, statements.pageSessions(page)] as const)
]

/** Everything that the two ports can do. */
const everything = Effect.gen(function* () {
  const services = yield* Layer.build(layerSqlite({ filename: ":memory:" }))
  const sessions = Context.get(services, SessionStore)
  const keys = Context.get(services, ApiKeyStore)
  yield* sessions.commit([makeCommit(makeSession(1), { key: "first" })])
  yield* sessions.commit([makeCommit(makeSession(2))])
  yield* sessions.commit([makeCommit(makeSession(2, { revision: 2 }))])
  yield* sessions.commit([makeCommit(makeSession(2, { revision: 2 }))])
  const third = makeCommit(makeSession(2, { revision: 3 }))
  const [event] = third.events
  assert.isDefined(event)
  yield* sessions.commit([{ ...third, events: [event, { ...event, id: eventId(1) }] }])
  yield* sessions.commit([{ ...makeCommit(makeSession(2, { revision: 4 })), events: [], next: null }])
  yield* redact(sessions, makeCommit(makeSession(1, { revision: 2, tokenExpiresAt: null }), { key: "second" }))
  yield* sessions.load({
    tenant,
    session: sessionId(1),
    key: null,
    event: makeCommit(makeSession(1)).events[0]?.id ?? null,
    now
  })
  yield* Effect.forEach(lists, (list) => sessions.list({ tenant, limit: 10, now, ...list }))
  yield* Effect.forEach(pages, (page) => sessions.page({ tenant, limit: 10, offset: 0, now, ...page }))
  yield* sessions.history(tenant, sessionId(1))
  yield* sessions.history(tenant, null)
  yield* sessions.appendAudit(tenant, loneEntry)
  yield* sessions.lapsed(tenant, later("1 hour"), 10)
  yield* sessions.sweep(tenant, later("1 day"), 10)
  yield* sessions.ready
  yield* keys.ensureOrganization(organization)
  yield* keys.organizations
  yield* keys.insert(anApiKey)
  yield* keys.find(anApiKey.id)
  yield* keys.list(tenant)
  yield* keys.revoke(tenant, anApiKey.id, now)
})

describe("the statements", () => {
  it("bind organization and environment wherever they touch a tenant's table", () => {
    for (const [name, sql] of catalogue)
      assert.deepStrictEqual(unboundTables(sql), name === "findApiKey" ? ["api_keys"] : [], name)
  })

  it.effect("are all that is ever sent, besides the migrations and the transactions", () =>
    Effect.gen(function* () {
      const prepare = vi.spyOn(DatabaseSync.prototype, "prepare")
      yield* Effect.addFinalizer(() => Effect.sync(() => prepare.mockRestore()))
      yield* everything
      const sent = new Set(prepare.mock.calls.map(([sql]) => sql))
      const known = new Map(catalogue.map(([name, sql]) => [numbered(sql).text, name]))
      const others = [...sent].filter((sql) => !known.has(sql) && !/^\s*(CREATE|PRAGMA|BEGIN|COMMIT)\b/.test(sql))

      assert.deepStrictEqual(
        [...known].filter(([sql]) => !sent.has(sql)).map(([, name]) => name),
        []
      )
      assert.isNotEmpty(others)
      for (const sql of others) assert.include(sql, "holdfast_migrations")
    })
  )

  it.effect("find their rows by an index", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Layer.build(layerSqlite({ filename }))
      const database = yield* otherConnection(filename)
      const scan = new RegExp(`SCAN (${[...tenantTables, "s", "r", "h", "p"].join("|")})\\b`)
      for (const [name, sql] of catalogue) {
        for (const { detail } of database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()) {
          assert.notMatch(String(detail), scan, name)
        }
      }
    })
  )

  it.effect.each([
    [
      "delete expired records by their keys, so that a batch does not read all of them",
      statements.sweepRecords,
      "key=?"
    ],
    ["find a session's records by when they expire", statements.eraseRecords("sqlite"), "expires_at=?"],
    ["revise a session by its id", statements.reviseSession, "id=?"]
  ] as const)("%s", ([, sql, term]) =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Layer.build(layerSqlite({ filename }))
      const database = yield* otherConnection(filename)
      const [plan] = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
      assert.include(String(plan?.["detail"]), term)
    })
  )
})

describe("the judge of statements", () => {
  it.each([
    "SELECT data FROM sessions WHERE id = :id",
    "SELECT data FROM sessions WHERE organization = :organization AND id = :id",
    "SELECT data FROM sessions WHERE organization = :organization AND environment = :environment OR id = :id",
    "SELECT data FROM sessions WHERE organization = 'acme' AND environment = :environment",
    "SELECT s.id FROM sessions AS s JOIN history AS h ON h.id = s.head WHERE s.organization = $1 AND s.environment = $2",
    "DELETE FROM idempotency_records WHERE organization = ? AND environment = ? AND key IN (SELECT key FROM idempotency_records WHERE expires_at <= ?)",
    "UPDATE sessions SET status = :status WHERE id = :id",
    "INSERT INTO sessions (id, organization, environment) VALUES (:id, :organization, :environment)",
    "INSERT INTO history (organization, environment, id) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"
  ])("refuses %s", (sql) => {
    assert.isNotEmpty(unboundTables(sql))
  })

  it.each([
    "SELECT data FROM sessions WHERE organization = $1 AND environment = $2 AND id = $3",
    "UPDATE sessions AS s SET data = i.data FROM input AS i WHERE s.organization = i.organization AND s.environment = i.environment",
    "SELECT s.id FROM sessions AS s JOIN history AS h ON h.organization = $1 AND h.environment = $2 WHERE s.organization = $1 AND s.environment = $2",
    "SELECT slug FROM organizations"
  ])("takes %s", (sql) => {
    assert.deepStrictEqual(unboundTables(sql), [])
  })
})

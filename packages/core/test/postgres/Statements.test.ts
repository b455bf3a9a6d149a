/** The SQL of the PostgreSQL store: bound to a tenant, and with an index for every row that it looks for. */
import { execute } from "@holdfast/tool-postgres"
import { PgConnection } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SessionStatus } from "../../src/domain/SessionStatus.ts"
import { commitBatch, commitValues } from "../../src/postgres/CommitStatement.ts"
import { loadBatch, loadBatchValues } from "../../src/postgres/LoadStatement.ts"
import * as own from "../../src/postgres/Statements.ts"
import { tenantTables } from "../../src/sql/Migrations.ts"
import { inOrder, makeNumbered } from "../../src/sql/Numbered.ts"
import { apiKeyRow, commitRows, entryRow, organizationRow, timeText } from "../../src/sql/Rows.ts"
import * as shared from "../../src/sql/Statements.ts"
import { unboundTables } from "../sql/tenantBinding.ts"
import { anApiKey, loneEntry, makeCommit, makeSession, now, organization, sessionId, tenant } from "../StoreFixtures.ts"
import { emptyDatabase, open } from "./database.ts"
import { makeProxy } from "./proxy.ts"

const numbered = makeNumbered("$")

const statuses = [null, ...SessionStatus.literals]

const lists: ReadonlyArray<shared.ListShape> = statuses.flatMap((status) =>
  [null, "user-1"].flatMap((externalRef) =>
    [null, sessionId(1)].flatMap((from) =>
      (["older", "newer"] as const).map((direction) => ({ status, externalRef, from, direction }))
    )
  )
)

const none = { externalRef: null, idOrExternalRef: null, tag: null, createdAfter: null, createdBefore: null }
const all = { externalRef: "user-1", idOrExternalRef: "user-1", tag: "x", createdAfter: now, createdBefore: now }
const pages: ReadonlyArray<shared.PageShape> = statuses.flatMap((status) => [
  { status, ...none },
  { status, ...all }
])

/** Everything that the stores send, but for BEGIN, COMMIT and ROLLBACK. */
const catalogue: ReadonlyArray<string> = [
  commitBatch,
  ...lists.map(shared.listSessions),
  ...pages.map(own.pageSessions),
  own.lockSession,
  own.lockRecords,
  own.sweepRecords,
  own.lockApiKey,
  own.eraseRecords,
  loadBatch,
  shared.appendEntry,
  shared.lapsedSessions,
  shared.ready,
  shared.sessionHistory,
  shared.loneEntries,
  shared.organizations,
  shared.findOrganization,
  shared.insertOrganization,
  shared.findApiKey,
  shared.insertApiKey,
  shared.updateApiKey,
  shared.listApiKeys
]

const change = makeCommit(makeSession(2, { revision: 2 }), { key: "key-2" })
const creation = makeCommit(makeSession(90_000), { key: "key-90000" })

/** A value for every parameter of every statement. */
const values = {
  ...tenant,
  key: "key-1",
  event: "evt_1",
  run: "evt_1",
  now: timeText(now),
  limit: 20,
  offset: 0,
  from: sessionId(1),
  status: "pending",
  external_ref: "user-1",
  id_or_external_ref: "user-1",
  tag: "x",
  created_after: timeText(now),
  created_before: timeText(now),
  ...entryRow(tenant, loneEntry),
  session: change.session,
  ...organizationRow(organization),
  ...apiKeyRow(anApiKey),
  ...commitValues([change, creation].map(commitRows)),
  ...loadBatchValues([{ tenant, session: change.session, key: null, event: null, now }])
}

/** A tenant that the planner has heard of. */
const ofCrowd = { organization: "org-1", environment: "env" }

/** 20,000 rows in each table of tenants, of 20 organizations. */
const crowd = Effect.fnUntraced(function* (url: string) {
  const rows: Record<string, string> = {
    api_keys: "'key_' || n, '{}'",
    sessions:
      "'ses_' || n, 1, 'pending', 'user-' || n, '[]', '2026-01-01', '2027-01-01', 'evt_' || n, NULL, repeat('x', 300)",
    idempotency_records:
      "'key-' || n, 'x', 'ses_' || n, 'evt_' || n, 1, 'x', 'x', repeat('x', 300), '2026-01-01', '2027-' || n",
    history: `'evt_' || n, 'ses_' || n, NULL, NULL, 'x', 1, '[]', '2026-01-01', 'aud_' || n, '2026-01-01', 'x', 'key_1', 'req_1', NULL,
      '2027-' || n`
  }
  yield* execute(url, [
    ...tenantTables.map(
      (table) =>
        `INSERT INTO ${table} SELECT 'org-' || n % 20, 'env', ${rows[table]} FROM generate_series(1, 20000) AS n`
    ),
    "ANALYZE"
  ])
})

describe("the statements of PostgreSQL", () => {
  it("bind organization and environment wherever they touch a tenant's table", () => {
    for (const sql of catalogue) {
      assert.deepStrictEqual(unboundTables(numbered(sql).text), sql === shared.findApiKey ? ["api_keys"] : [], sql)
    }
  })

  it.live("are all that is ever sent, besides the migrations and the transactions", () =>
    Effect.gen(function* () {
      const proxy = yield* makeProxy(yield* emptyDatabase())
      const { keys, sessions } = yield* open(proxy.url)
      yield* sessions.commit([creation])
      const request = { tenant, session: creation.session, key: null, event: null, now }
      const erasing = { ...makeCommit(makeSession(90_000, { revision: 2 })), erases: true }
      assert.strictEqual(yield* sessions.exclusively(request, () => Effect.succeed(erasing)), "committed")
      yield* sessions.load(request)
      yield* sessions.load({ ...request, event: creation.events[0]?.id ?? null })
      yield* Effect.forEach(lists, (list) => sessions.list({ tenant, limit: 10, now, ...list }))
      yield* Effect.forEach(pages, (page) => sessions.page({ tenant, limit: 10, offset: 0, now, ...page }))
      yield* sessions.history(tenant, creation.session)
      yield* sessions.history(tenant, null)
      yield* sessions.appendAudit(tenant, loneEntry)
      yield* sessions.lapsed(tenant, now, 10)
      yield* sessions.sweep(tenant, now, 10)
      yield* sessions.ready
      yield* keys.ensureOrganization(organization)
      yield* keys.organizations
      yield* keys.insert(anApiKey)
      yield* keys.find(anApiKey.id)
      yield* keys.list(tenant)
      yield* keys.revoke(tenant, anApiKey.id, now)

      const sent = yield* proxy.statements
      const known = new Set(catalogue.map((sql) => numbered(sql).text))
      assert.deepStrictEqual(
        [...known].filter((sql) => !sent.has(sql)),
        []
      )
      for (const sql of sent) {
        if (!known.has(sql)) assert.match(sql, /^(?:BEGIN|COMMIT)\b|to_regclass|holdfast_migrations/)
      }
    })
  )

  it.live("find their rows by an index", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      yield* open(url)
      yield* crowd(url)
      const connection = yield* PgConnection.make({ url: Redacted.make(url) })
      for (const sql of catalogue) {
        const { names, text } = numbered(sql)
        const { rows } = yield* connection.query(`EXPLAIN ${text}`, inOrder(names, { ...values, ...ofCrowd }))
        const plan = rows.map((row) => String(row["QUERY PLAN"])).join("\n")
        assert.notMatch(plan, new RegExp(`Seq Scan on (${tenantTables.join("|")})\\b`), sql)
        // Not all that the tenant has.
        if (sql.includes(shared.ofSession.postgres)) assert.match(plan, /Index Cond: .*expires_at = ANY/, sql)
      }
    })
  )

  it.live("find one row by its key, also in a database that knows nothing of its tables yet", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      yield* open(url)
      const connection = yield* PgConnection.make({ url: Redacted.make(url) })
      const { names, text } = numbered(loadBatch)
      const { rows } = yield* connection.query(`EXPLAIN ${text}`, inOrder(names, values))
      const scans = rows.map((row) => String(row["QUERY PLAN"])).filter((line) => line.includes(" Scan "))
      const tables = scans.filter((scan) => !/ (?:Function|Subquery) Scan on /.test(scan))
      assert.lengthOf(tables, 3)
      for (const scan of tables) assert.match(scan, /Index Scan using \w+_pkey on/)
    })
  )

  it.live("compare text by its bytes, whatever the language of the database", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase()
      yield* open(url)
      const columns = yield* execute(url, [
        `SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'text' AND table_name <> 'holdfast_migrations'
          AND collation_name IS DISTINCT FROM 'C'`
      ])
      assert.deepStrictEqual(columns, [])
    })
  )
})

describe("numbered parameters", () => {
  it.each(["$", "?"] as const)("are numbered by first use with %s, and a cast is none", (mark) => {
    assert.deepStrictEqual(makeNumbered(mark)("SELECT :b::text, :a WHERE a = :a AND b = :b"), {
      text: `SELECT ${mark}1::text, ${mark}2 WHERE a = ${mark}2 AND b = ${mark}1`,
      names: ["b", "a"]
    })
  })

  it("all have a value, and one that is missing is a defect", () => {
    assert.deepStrictEqual(inOrder(["b", "a"], { a: null, b: 1, c: 2 }), [1, null])
    assert.throws(() => inOrder(["a"], {}), "no value for :a")
  })
})

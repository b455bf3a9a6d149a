/**
 * What is stored in Holdfast's tables before the first update. One session is made and updated through Holdfast itself; its
 * rows, whatever columns they have, are then copied for every session of the data set. So the rows are those that Holdfast
 * writes, and a million of them take seconds.
 */
import { ApiKeys, callerFor, Sessions } from "@holdfast/core"
import type { Organization } from "@holdfast/core"
import { Effect, Redacted } from "effect"
import { layerHoldfast } from "../Holdfast.ts"
import { firstNumber, initialMetadata, organizationName, patchOf, sessionId } from "../Job.ts"
import type { Dataset } from "../Job.ts"
import { openTables } from "./Tables.ts"
import type { Row, Tables } from "./Tables.ts"

/** The rows of one session, by table. */
export interface SessionRows {
  readonly sessions: Row
  readonly history: Row
  readonly idempotency_records: Row
}

/** Fills the database. The API key of each organization. */
export const seedHoldfast = async (
  databaseUrl: string,
  secret: string,
  dataset: Dataset
): Promise<ReadonlyArray<string>> => {
  const { apiKeys, owners, template } = await Effect.runPromise(
    Effect.provide(makeOwners(dataset), layerHoldfast({ databaseUrl, secret }))
  )
  const tables = openTables(databaseUrl)
  const created = await rowsOf(tables, template.id, "ASC")
  await erase(tables, template.id)
  const copies = { created, dataset, owners, template: template.id }
  await tables.insert("sessions", copyEach("sessions", copies))
  await tables.insert("history", copyEach("history", copies))
  await tables.insert("idempotency_records", copyRecords(copies))
  if (!databaseUrl.startsWith("sqlite:")) await tables.execute("VACUUM ANALYZE")
  await tables.close()
  return apiKeys
}

const makeOwners = Effect.fnUntraced(function* (dataset: Dataset) {
  const keys = yield* ApiKeys
  const sessions = yield* Sessions
  const owners = yield* Effect.forEach(
    Array.from({ length: dataset.organizations }, (_, place) => place),
    (place) => Effect.map(keys.ensureOrganization(organizationName(place)), ({ organization }) => organization)
  )
  const issued = yield* Effect.forEach(owners, ({ slug: organization }) =>
    keys.create({ organization, environment: "live" })
  )
  const caller = callerFor(owners[0] as Organization, "live", { requestId: "req_seed" })
  const input = { externalRef: "person-template", metadata: initialMetadata(dataset.metadataKeys) }
  const { session: template } = yield* sessions.create(caller, { input })
  yield* sessions.update(caller, { id: template.id, input: { metadata: patchOf(firstNumber) }, idempotencyKey: "seed" })
  return { template, owners, apiKeys: issued.map(({ secret }) => Redacted.value(secret)) }
})

/** The rows that a session has: the first (`ASC`) or the last (`DESC`) entry of its history. */
export const rowsOf = async (tables: Tables, id: string, order: "ASC" | "DESC"): Promise<SessionRows> => {
  const first = async (query: string) => {
    const [row] = await tables.rows(query, [id])
    if (row === undefined) throw new Error("The session that rows are copied from is not there")
    return { ...row }
  }
  return {
    sessions: await first("SELECT * FROM sessions WHERE id = $1"),
    history: await first(`SELECT * FROM history WHERE session = $1 ORDER BY id ${order} LIMIT 1`),
    idempotency_records: await first("SELECT * FROM idempotency_records WHERE session = $1")
  }
}

const erase = async (tables: Tables, id: string): Promise<void> => {
  await tables.rows("DELETE FROM sessions WHERE id = $1", [id])
  for (const table of ["history", "idempotency_records"]) {
    await tables.rows(`DELETE FROM ${table} WHERE session = $1`, [id])
  }
}

interface Copies {
  readonly created: SessionRows
  readonly dataset: Dataset
  readonly owners: ReadonlyArray<Organization>
  readonly template: string
}

/** A row of each session: the template's, with what is its own in its place. */
function* copyEach(table: "sessions" | "history", { created, dataset, owners, template }: Copies): Generator<Row> {
  const original = table === "sessions" ? settled(created.sessions, dataset) : created[table]
  for (let index = 0; index < dataset.sessions; index++) {
    const own = {
      [template]: sessionId(index),
      [String(original["environment"])]: owners[index % owners.length]?.live ?? "",
      "person-template": `person-${index}`
    }
    const organization = organizationName(index % owners.length)
    // The session's only entry, at which its history begins.
    const entry = `evt_${sessionId(index).slice(4)}`
    yield { ...replace(original, own), organization, [table === "sessions" ? "head" : "id"]: entry }
  }
}

/** As most stored sessions are: at revision 1, done, with no token that could run out meanwhile. */
const settled = (row: Row, { metadataKeys }: Dataset): Row => {
  const data = JSON.parse(String(row["data"])) as Record<string, unknown>
  const changes = { status: "completed", revision: 1, tokenExpiresAt: null, metadata: initialMetadata(metadataKeys) }
  return {
    ...row,
    revision: 1,
    status: "completed",
    token_expires_at: null,
    data: JSON.stringify({ ...data, ...changes })
  }
}

/** Records of updates that were made before; every other one has expired. */
function* copyRecords({ created, dataset, owners, template }: Copies): Generator<Row> {
  const original = created.idempotency_records
  const time = (offset: number) => new Date(Date.now() + offset).toISOString()
  const [past, future] = [time(-3_600_000), time(86_400_000)]
  for (let index = 0; index < dataset.records; index++) {
    const place = index % dataset.sessions
    const row = replace(original, {
      [template]: sessionId(place),
      [String(original["environment"])]: owners[place % owners.length]?.live ?? ""
    })
    const [key, run] = [`seed-${index}`, `evt_${sessionId(index).slice(4)}`]
    const organization = organizationName(place % owners.length)
    yield { ...row, organization, key, run, expires_at: index % 2 === 0 ? past : future }
  }
}

const replace = (row: Row, own: Readonly<Record<string, string>>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === "string"
        ? Object.entries(own).reduce((text, [from, to]) => text.replaceAll(from, to), value)
        : value
    ])
  )

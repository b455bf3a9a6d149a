/** The tables that the hand-written contenders share, and what is stored in them before the first update. */
import { randomUUID } from "node:crypto"
import { hashOf } from "../byHand/Session.ts"
import { initialMetadata, organizationName, sessionId } from "../Job.ts"
import type { Dataset } from "../Job.ts"
import { openTables } from "./Tables.ts"
import type { NewRow } from "./Tables.ts"

const schema = (json: string, time: string, oneTree: string) => `
  CREATE TABLE api_keys (
    hash TEXT PRIMARY KEY, organization TEXT NOT NULL, environment TEXT NOT NULL
  );
  CREATE TABLE sessions (
    organization TEXT NOT NULL, environment TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, status TEXT NOT NULL,
    external_ref TEXT, metadata ${json} NOT NULL, created_at ${time} NOT NULL, updated_at ${time} NOT NULL,
    PRIMARY KEY (organization, environment, id)
  );
  CREATE TABLE idempotency_keys (
    organization TEXT NOT NULL, environment TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
    outcome ${json} NOT NULL, expires_at ${time} NOT NULL,
    PRIMARY KEY (organization, environment, key)
  );
  CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
  CREATE TABLE events (
    organization TEXT NOT NULL, environment TEXT NOT NULL, session TEXT NOT NULL, revision INTEGER NOT NULL, id TEXT NOT NULL,
    type TEXT NOT NULL, changed TEXT NOT NULL, at ${time} NOT NULL,
    PRIMARY KEY (organization, environment, session, revision)
  )${oneTree};
  CREATE TABLE audit (
    organization TEXT NOT NULL, environment TEXT NOT NULL, session TEXT NOT NULL, id TEXT NOT NULL, action TEXT NOT NULL,
    request_id TEXT NOT NULL, at ${time} NOT NULL,
    PRIMARY KEY (organization, environment, session, id)
  )${oneTree};
  CREATE TABLE idempotency_storage (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at ${time} NOT NULL)`

/** Makes the tables, and fills them. The API key of each organization. */
export const seedByHand = async (url: string, dataset: Dataset): Promise<ReadonlyArray<string>> => {
  const isSqlite = url.startsWith("sqlite:")
  const tables = openTables(url)
  if (isSqlite) await tables.execute("PRAGMA journal_mode = WAL")
  await tables.execute(isSqlite ? schema("TEXT", "TEXT", " WITHOUT ROWID") : schema("JSONB", "TIMESTAMPTZ", ""))
  const apiKeys = Array.from({ length: dataset.organizations }, () => `key_${randomUUID()}${randomUUID()}`)
  await tables.insert(
    "api_keys",
    apiKeys.map((key, place) => ({ hash: hashOf(key), ...owner(place) }))
  )
  await tables.insert("sessions", sessions(dataset))
  await tables.insert("idempotency_keys", records(dataset))
  if (!isSqlite) await tables.execute("VACUUM ANALYZE")
  await tables.close()
  return apiKeys
}

const owner = (place: number) => ({ organization: organizationName(place), environment: "live" })
const created_at = "2026-01-01T00:00:00.000Z"

function* sessions({ metadataKeys, organizations, sessions }: Dataset): Generator<NewRow> {
  const metadata = initialMetadata(metadataKeys)
  for (let index = 0; index < sessions; index++) {
    const [id, external_ref] = [sessionId(index), `person-${index}`]
    const rest = { metadata, created_at, updated_at: created_at }
    yield { ...owner(index % organizations), id, revision: 1, status: "completed", external_ref, ...rest }
  }
}

function* records({ organizations, records }: Dataset): Generator<NewRow> {
  const [past, future] = [-3_600_000, 86_400_000].map((ms) => new Date(Date.now() + ms).toISOString()) as [
    string,
    string
  ]
  const outcome = { revision: 1 }
  for (let index = 0; index < records; index++) {
    const expires_at = index % 2 === 0 ? past : future
    yield { ...owner(index % organizations), key: `seed-${index}`, fingerprint: "none", outcome, expires_at }
  }
}

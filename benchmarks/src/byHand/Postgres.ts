/**
 * Sessions by hand on `pg`: one transaction for each update, with prepared statements. The session is locked first, so that
 * updates of one session queue; the key is looked up in the same round trip, and claimed by its primary key.
 */
import { randomUUID } from "node:crypto"
import { Pool } from "pg"
import type { PoolClient } from "pg"
import { makeKeys } from "./Keys.ts"
import { changed, expiryOf, fingerprintOf, Refused } from "./Session.ts"
import type { Session, Tenant, UpdateRequest } from "./Session.ts"
import type { Sessions } from "./Sessions.ts"

const findKey = { name: "find-key", text: "SELECT organization, environment FROM api_keys WHERE hash = $1" }

const load = {
  name: "load",
  text: `SELECT s.id, s.revision, s.status, s.external_ref AS "externalRef", s.metadata, s.created_at AS "createdAt",
    s.updated_at AS "updatedAt", k.fingerprint, k.outcome
    FROM sessions s
    LEFT JOIN idempotency_keys k
    ON (k.organization, k.environment, k.key) = (s.organization, s.environment, $4) AND k.expires_at > $5
    WHERE s.organization = $1 AND s.environment = $2 AND s.id = $3
    FOR UPDATE OF s`
}

const findRecord = {
  name: "find-record",
  text: `SELECT fingerprint, outcome FROM idempotency_keys
    WHERE organization = $1 AND environment = $2 AND key = $3 AND expires_at > $4`
}

const insertRecord = {
  name: "insert-record",
  text: `INSERT INTO idempotency_keys AS k (organization, environment, key, fingerprint, outcome, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (organization, environment, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, outcome = excluded.outcome, expires_at = excluded.expires_at
    WHERE k.expires_at <= $7`
}

const updateSession = {
  name: "update-session",
  text: `UPDATE sessions SET revision = $4, external_ref = $5, metadata = $6, updated_at = $7
    WHERE organization = $1 AND environment = $2 AND id = $3`
}

const insertEvent = {
  name: "insert-event",
  text: `INSERT INTO events (organization, environment, session, revision, id, type, changed, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
}

const insertAudit = {
  name: "insert-audit",
  text: `INSERT INTO audit (organization, environment, id, action, session, request_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`
}

interface Stored {
  readonly fingerprint: string
  readonly outcome: Session
}

const replay = (record: Stored, fingerprint: string) => {
  if (record.fingerprint !== fingerprint) throw new Refused("idempotency_mismatch")
  return { session: record.outcome, replayed: true }
}

/** One try, in a transaction that is open. `null`: another request has just claimed the key. */
const within = async (client: PoolClient, request: UpdateRequest, fingerprint: string) => {
  const { id, input, key, requestId, tenant } = request
  const owner = [tenant.organization, tenant.environment]
  const now = new Date()
  const loaded = await client.query<Session & Partial<Stored>>({ ...load, values: [...owner, id, key, now] })
  const [row] = loaded.rows
  if (row === undefined) {
    const known = await client.query<Stored>({ ...findRecord, values: [...owner, key, now] })
    throw new Refused(known.rows.length > 0 ? "idempotency_mismatch" : "not_found")
  }
  const { fingerprint: stored, outcome, ...found } = row
  if (stored != null && outcome != null) return replay({ fingerprint: stored, outcome }, fingerprint)
  const session = changed(found, input, now)
  const { externalRef, metadata, revision, updatedAt } = session
  if (key !== null) {
    const record = [...owner, key, fingerprint, JSON.stringify(session), expiryOf(now), now]
    if ((await client.query({ ...insertRecord, values: record })).rowCount === 0) return null
  }
  const changes = [...owner, id, revision, externalRef, JSON.stringify(metadata), updatedAt]
  await client.query({ ...updateSession, values: changes })
  const event = [...owner, id, revision, randomUUID(), "session.updated", JSON.stringify(Object.keys(input)), now]
  await client.query({ ...insertEvent, values: event })
  await client.query({ ...insertAudit, values: [...owner, randomUUID(), "updateSession", id, requestId, now] })
  return { session, replayed: false }
}

/** Opens a pool. */
export const openPostgres = (connectionString: string): Sessions & { readonly pool: Pool } => {
  const pool = new Pool({ connectionString, max: 16 })

  const attempt = async (request: UpdateRequest, fingerprint: string) => {
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      const done = await within(client, request, fingerprint)
      await client.query(done === null || done.replayed ? "ROLLBACK" : "COMMIT")
      client.release()
      return done
    } catch (error) {
      const rolledBack = await client.query("ROLLBACK").catch((cause: Error) => cause)
      client.release(rolledBack instanceof Error)
      throw error
    }
  }

  return {
    pool,
    authenticate: makeKeys(async (hash) => {
      const found = await pool.query<Tenant>({ ...findKey, values: [hash] })
      return found.rows[0] ?? null
    }),
    update: async (request) => {
      const fingerprint = fingerprintOf(request)
      for (;;) {
        const done = await attempt(request, fingerprint)
        if (done !== null) return done
      }
    }
  }
}

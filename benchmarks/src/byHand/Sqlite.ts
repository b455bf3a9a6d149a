/** Sessions by hand on `node:sqlite`: one transaction for each update, synced before it is answered. */
import { randomUUID } from "node:crypto"
import { DatabaseSync } from "node:sqlite"
import { makeKeys } from "./Keys.ts"
import { changed, expiryOf, fingerprintOf, Refused } from "./Session.ts"
import type { Session, Tenant, UpdateRequest } from "./Session.ts"
import type { Sessions } from "./Sessions.ts"

/** Opens the file. */
export const openSqlite = (filename: string): Sessions => {
  const database = new DatabaseSync(filename, { timeout: 5_000 })
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
  const [begin, commit, rollback] = ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"].map((sql) => database.prepare(sql))
  const findKey = database.prepare("SELECT organization, environment FROM api_keys WHERE hash = ?")
  const findRecord = database.prepare(
    "SELECT fingerprint, outcome FROM idempotency_keys WHERE organization = ? AND environment = ? AND key = ? AND expires_at > ?"
  )
  const findSession = database.prepare(
    `SELECT id, revision, status, external_ref AS externalRef, metadata, created_at AS createdAt, updated_at AS updatedAt
    FROM sessions WHERE organization = ? AND environment = ? AND id = ?`
  )
  const updateSession = database.prepare(
    `UPDATE sessions SET revision = ?, external_ref = ?, metadata = ?, updated_at = ?
    WHERE organization = ? AND environment = ? AND id = ?`
  )
  const insertRecord = database.prepare(
    `INSERT INTO idempotency_keys (organization, environment, key, fingerprint, outcome, expires_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (organization, environment, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, outcome = excluded.outcome, expires_at = excluded.expires_at`
  )
  const insertEvent = database.prepare(
    "INSERT INTO events (organization, environment, session, revision, id, type, changed, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
  )
  const insertAudit = database.prepare(
    "INSERT INTO audit (organization, environment, id, action, session, request_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
  )

  const within = ({ id, input, key, requestId, tenant }: UpdateRequest, fingerprint: string) => {
    const owner = [tenant.organization, tenant.environment] as const
    const now = new Date()
    const time = now.toISOString()
    const record = findRecord.get(...owner, key, time) as { fingerprint: string; outcome: string } | undefined
    if (record !== undefined) {
      if (record.fingerprint !== fingerprint) throw new Refused("idempotency_mismatch")
      return { session: JSON.parse(record.outcome) as Session, replayed: true }
    }
    const found = findSession.get(...owner, id) as (Omit<Session, "metadata"> & { metadata: string }) | undefined
    if (found === undefined) throw new Refused("not_found")
    const session = changed({ ...found, metadata: JSON.parse(found.metadata) as Session["metadata"] }, input, now)
    const { externalRef, metadata, revision, updatedAt } = session
    updateSession.run(revision, externalRef, JSON.stringify(metadata), updatedAt, ...owner, id)
    insertRecord.run(...owner, key, fingerprint, JSON.stringify(session), expiryOf(now))
    insertEvent.run(...owner, id, revision, randomUUID(), "session.updated", JSON.stringify(Object.keys(input)), time)
    insertAudit.run(...owner, randomUUID(), "updateSession", id, requestId, time)
    return { session, replayed: false }
  }

  return {
    authenticate: makeKeys(async (hash) => (findKey.get(hash) as Tenant | undefined) ?? null),
    update: async (request) => {
      const fingerprint = fingerprintOf(request)
      begin?.run()
      try {
        const done = within(request, fingerprint)
        commit?.run()
        return done
      } catch (error) {
        if (database.isTransaction) rollback?.run()
        throw error
      }
    }
  }
}

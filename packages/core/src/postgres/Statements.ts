/** What only PostgreSQL is asked: statements that take rows before they change them. The others are in `sql/Statements.ts`. */
import { isByExpiry } from "../sql/Migrations.ts"
import * as shared from "../sql/Statements.ts"
import type { PageShape } from "../sql/Statements.ts"

const owned = "organization = :organization AND environment = :environment"

/** Waits until nobody else holds the session, and holds it until the transaction ends. */
export const lockSession = `SELECT revision FROM sessions WHERE ${owned} AND id = :session FOR UPDATE`

/**
 * Takes the records of a session, in the order of their keys, as commits do. A statement of its own, after the session is held: it
 * sees what was committed before that, and nothing can come after.
 */
export const lockRecords = `
  SELECT key FROM idempotency_records WHERE ${shared.ofSession.postgres} ORDER BY key FOR UPDATE`

/** Makes tombstones of a session's records, but for that of one run. */
export const eraseRecords = shared.eraseRecords("postgres")

/**
 * Deletes records that have expired. Those that somebody is claiming afresh are left alone: they are passed over while they are
 * held, and are not expired afterwards, which is asked again where they are deleted. The common table makes it look once.
 */
export const sweepRecords = `
  WITH expired AS MATERIALIZED (
    SELECT key FROM idempotency_records WHERE ${owned} AND ${isByExpiry} AND expires_at <= :now
    ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
  )
  DELETE FROM idempotency_records AS r USING expired AS e
  WHERE r.organization = :organization AND r.environment = :environment AND r.key = e.key AND r.expires_at <= :now`

/** A key of the tenant, held until the transaction ends. */
export const lockApiKey = `${shared.ownApiKey} FOR UPDATE`

/** A page by number. */
export const pageSessions = (shape: PageShape): string => shared.pageSessions(shape, "postgres")

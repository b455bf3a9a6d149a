/**
 * The session store on SQLite. SQLite has one writer at a time, and a commit takes its place before it looks, so that what
 * it finds is what it writes upon: a member of a batch is checked first and written then, and one that is refused has
 * written nothing.
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import type { StatementResultingChanges } from "node:sqlite"
import { inSpan } from "../internal/Tracing.ts"
import * as rows from "../sql/Rows.ts"
import { makeGroupCommit } from "../store/GroupCommit.ts"
import type { CommitResult, Loaded, LoadRequest, SessionStore } from "../store/SessionStore.ts"
import { isBusy } from "./Access.ts"
import type { Access, Prepare } from "./Access.ts"
import * as sql from "../sql/Statements.ts"

type GuardRow = { readonly revision: number | null; readonly key: string | null }

/** So many records are deleted in one go: a few milliseconds, in which the process does nothing else. */
const maxSwept = 100

/** The session store over a database that is up to date. SQLite has one writer, so one batch is under way at a time. */
export const makeSessionStore = Effect.fnUntraced(function* ({
  checkpoint,
  read,
  transaction,
  write
}: Access): Effect.fn.Return<SessionStore["Service"], never, Scope.Scope> {
  const commit = yield* makeGroupCommit({
    lanes: 1,
    encode: rows.commitRows,
    sizeOf: rows.sizeOfCommit,
    write: (batch) => write((prepare) => batch.map((change) => commitOne(prepare, change))),
    mayBeOnes: ({ cause, outcome }) => outcome === "not_applied" && !isBusy(cause)
  })

  return {
    load: (request) =>
      inSpan(
        "SessionStore.load",
        read((prepare) => loadOne(prepare, request))
      ),

    commit: (batch) => inSpan("SessionStore.commit", commit(batch)),

    exclusively: Effect.fn("SessionStore.exclusively")(function* (request, decide) {
      let erased = false
      const result = yield* transaction((step) =>
        Effect.gen(function* () {
          const change = yield* decide(yield* step((prepare) => loadOne(prepare, request)))
          if (change === null) return null
          erased = change.erases
          return yield* step((prepare) => commitOne(prepare, rows.commitRows(change)))
        })
      )
      // What was erased is overwritten in the file by now, but may still be read in the log.
      if (result === "committed" && erased) yield* checkpoint
      return result
    }),

    list: Effect.fn("SessionStore.list")((request) =>
      read((prepare) => {
        const { externalRef, from, limit, now, status, tenant } = request
        const found = prepare(sql.listSessions(request)).all({
          ...rows.owner(tenant),
          limit,
          ...(status !== null && { status }),
          ...(externalRef !== null && { external_ref: externalRef }),
          ...(from !== null && { from }),
          ...(sql.dependsOnTime(status) && { now: rows.timeText(now) })
        })
        return rows.readSessions(found)
      })
    ),

    page: Effect.fn("SessionStore.page")((request) =>
      read((prepare) => {
        const { createdAfter, createdBefore, externalRef, idOrExternalRef, limit, now, offset, status, tag, tenant } =
          request
        const found = prepare(sql.pageSessions(request)).all({
          ...rows.owner(tenant),
          limit,
          offset,
          ...(status !== null && { status }),
          ...(externalRef !== null && { external_ref: externalRef }),
          ...(idOrExternalRef !== null && { id_or_external_ref: idOrExternalRef }),
          ...(tag !== null && { tag }),
          ...(createdAfter !== null && { created_after: rows.timeText(createdAfter) }),
          ...(createdBefore !== null && { created_before: rows.timeText(createdBefore) }),
          ...(sql.dependsOnTime(status) && { now: rows.timeText(now) })
        })
        const total = Number(found[0]?.["total"])
        return { sessions: rows.readSessions(found.filter(({ data }) => data !== null)), total }
      })
    ),

    history: Effect.fn("SessionStore.history")((tenant, session) =>
      read((prepare) => {
        const which = { ...rows.owner(tenant), session }
        return {
          events: Array.from(prepare(sql.sessionEvents).all(which), (row) => rows.readEvent(row as rows.EventRow)),
          audit: Array.from(prepare(sql.sessionAudit).all(which), (row) => rows.readAudit(row as rows.AuditRow))
        }
      })
    ),

    appendAudit: Effect.fn("SessionStore.appendAudit")((tenant, entry) =>
      write((prepare) => void prepare(sql.insertAudit).run(rows.auditRow(tenant, entry)))
    ),

    lapsed: Effect.fn("SessionStore.lapsed")((tenant, now, limit) =>
      read((prepare) =>
        rows.readSessions(prepare(sql.lapsedSessions).all({ ...rows.owner(tenant), now: rows.timeText(now), limit }))
      )
    ),

    sweep: Effect.fn("SessionStore.sweep")(function* (tenant, now, limit) {
      let deleted = 0
      let found: number
      do {
        yield* Effect.yieldNow
        const expired = { ...rows.owner(tenant), now: rows.timeText(now), limit: Math.min(limit - deleted, maxSwept) }
        found = yield* write((prepare) => Number(prepare(sql.sweepRecords).run(expired).changes))
        deleted += found
      } while (found === maxSwept)
      return deleted
    }),

    ready: read((prepare) => void prepare(sql.ready).get())
  }
})

const loadOne = (prepare: Prepare, request: LoadRequest): Loaded =>
  rows.readLoaded(prepare(sql.load).get(rows.loadValues(request)))

/** Checks everything first: what is refused has written nothing. */
const commitOne = (prepare: Prepare, change: rows.CommitRows): CommitResult => {
  const { audit, environment, erases, events, expected, id, next, now, organization, record } = change
  const own = { organization, environment, session: id }
  const found = prepare(sql.guard).get({ ...own, key: record?.key ?? null, now }) as GuardRow
  if (found.revision !== expected) return "stale"
  if (found.key !== null) return "duplicate"
  if (next !== null) {
    once(
      expected === null ? prepare(sql.insertSession).run(next) : prepare(sql.updateSession).run({ ...next, expected })
    )
  }
  for (const event of events) once(prepare(sql.insertEvent).run(event))
  if (audit !== null) prepare(sql.insertAudit).run(audit)
  if (record !== null) once(prepare(sql.claimKey).run({ ...record, now }))
  if (erases) prepare(sql.eraseRecords).run({ ...own, run: record?.run ?? "" })
  return "committed"
}

/** The statement's own guard agrees with what was checked, or nothing is committed. */
const once = ({ changes }: StatementResultingChanges): void => {
  if (changes !== 1) throw new Error("A guarded statement found another state than was checked")
}

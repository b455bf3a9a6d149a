/**
 * The session store on SQLite. SQLite has one writer at a time, and a commit takes its place before it looks, so that what
 * it finds is what it writes upon. A member of a batch is checked with its first write, and one that is refused has written
 * nothing.
 */
import { Clock, Effect } from "effect"
import type { Scope } from "effect"
import { inSpan } from "../internal/Tracing.ts"
import * as rows from "../sql/Rows.ts"
import { makeGroupCommit } from "../store/GroupCommit.ts"
import { assertWhole } from "../store/SessionStore.ts"
import type { CommitResult, Loaded, LoadRequest, SessionStore } from "../store/SessionStore.ts"
import { isBusy } from "./Access.ts"
import type { Access, Ask } from "./Access.ts"
import * as sql from "../sql/Statements.ts"

/** So many records are deleted in one go: a few milliseconds, in which the process does nothing else. */
const maxSwept = 100

/** Between two goes the database is for those who wait: nobody waits for a sweep. By the clock of the machine, as its disk is. */
const breather = Effect.provideService(Effect.sleep("20 millis"), Clock.Clock, Clock.Clock.defaultValue())

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
    write: (batch) => write((ask) => batch.map((change) => commitOne(ask, change))),
    mayBeOnes: ({ cause, outcome }) => outcome === "not_applied" && !isBusy(cause)
  })

  return {
    load: (request) =>
      inSpan(
        "SessionStore.load",
        read((ask) => loadOne(ask, request))
      ),

    commit: (batch) => inSpan("SessionStore.commit", commit(batch)),

    exclusively: Effect.fn("SessionStore.exclusively")(function* (request, decide) {
      let erased = false
      const result = yield* transaction((step) =>
        Effect.gen(function* () {
          const change = yield* decide(yield* step((ask) => loadOne(ask, request)))
          if (change === null) return null
          assertWhole(change)
          erased = change.erases
          return yield* step((ask) => commitOne(ask, rows.commitRows(change)))
        })
      )
      // What was erased is overwritten in the file by now, but may still be read in the log.
      if (result === "committed" && erased) yield* checkpoint
      return result
    }),

    list: Effect.fn("SessionStore.list")((request) =>
      read((ask) => rows.readSessions(ask.all(sql.listSessions(request), rows.listValues(request))))
    ),

    page: Effect.fn("SessionStore.page")((request) =>
      read((ask) => rows.readPage(ask.all(sql.pageSessions(request), rows.pageValues(request))))
    ),

    history: Effect.fn("SessionStore.history")((tenant, session) =>
      read((ask) => rows.readHistory(ask.all(sql.historyOf(session), { ...rows.owner(tenant), session })))
    ),

    appendAudit: Effect.fn("SessionStore.appendAudit")((tenant, entry) =>
      write((ask) => void ask.run(sql.appendEntry, rows.entryRow(tenant, entry)))
    ),

    lapsed: Effect.fn("SessionStore.lapsed")((tenant, now, limit) =>
      read((ask) =>
        rows.readSessions(ask.all(sql.lapsedSessions, { ...rows.owner(tenant), now: rows.timeText(now), limit }))
      )
    ),

    sweep: Effect.fn("SessionStore.sweep")(function* (tenant, now, limit) {
      let deleted = 0
      let found: number
      do {
        if (deleted > 0) yield* breather
        const expired = { ...rows.owner(tenant), now: rows.timeText(now), limit: Math.min(limit - deleted, maxSwept) }
        found = yield* write((ask) => ask.run(sql.sweepRecords, expired))
        deleted += found
      } while (found === maxSwept)
      return deleted
    }),

    ready: read((ask) => void ask.first(sql.ready, {}))
  }
})

const loadOne = (ask: Ask, request: LoadRequest): Loaded =>
  rows.readLoaded(ask.first(sql.loadOf(request), rows.loadValues(request)))

const eraseRecords = sql.eraseRecords("sqlite")

const commitOne = (ask: Ask, change: rows.CommitRows): CommitResult => {
  const { environment, erases, expected, head, history, id, next, now, organization, record, recordsUntil } = change
  const own = { organization, environment, session: id }
  // A key of nothing is nobody's.
  const key = record?.key ?? null
  const [first, ...others] = history
  const held =
    ask.run(expected === null ? sql.beginHistory : sql.continueHistory, { ...first, expected, key, now }) === 1
  if (!held) {
    const found = ask.first(sql.revision, own) as { readonly revision: number | null }
    return found.revision === expected ? "duplicate" : "stale"
  }
  for (const entry of others) ask.run(sql.insertEntry, entry)
  if (next === null) {
    ask.run(sql.moveHead, { ...own, head, records_until: recordsUntil })
  } else if (expected === null) {
    once(ask.run(sql.insertSession, next))
  } else if (ask.run(sql.reviseSession, { ...next, expected }) !== 1) {
    once(ask.run(sql.updateSession, { ...next, expected }))
  }
  if (record !== null) once(ask.run(sql.claimKey, { ...record, now }))
  if (erases) ask.run(eraseRecords, { ...own, run: record?.run ?? "" })
  return "committed"
}

/** The statement's own guard agrees with what was checked, or nothing is committed. */
const once = (changes: number): void => {
  if (changes !== 1) throw new Error("A guarded statement found another state than was checked")
}

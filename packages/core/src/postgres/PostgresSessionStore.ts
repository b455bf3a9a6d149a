/**
 * The session store on PostgreSQL. Looks that are asked for at the same moment share one statement (`LoadStatement.ts`), and so do
 * commits that wait (`CommitStatement.ts`); a session that is held, and a redaction, take a transaction with the same statements in
 * it.
 */
import { Effect } from "effect"
import type { Exit, Scope } from "effect"
import { isDeepStrictEqual } from "node:util"
import { inSpan } from "../internal/Tracing.ts"
import * as rows from "../sql/Rows.ts"
import * as shared from "../sql/Statements.ts"
import { makeGroupCommit } from "../store/GroupCommit.ts"
import { assertWhole } from "../store/SessionStore.ts"
import type { Commit, CommitResult, Loaded, LoadRequest, SessionStore, StoreError } from "../store/SessionStore.ts"
import { makeTogether } from "../store/Together.ts"
import { decoded } from "./Access.ts"
import type { Access, Run } from "./Access.ts"
import { commitBatch, commitValues } from "./CommitStatement.ts"
import type { CommitAnswer } from "./CommitStatement.ts"
import { isAboutData, isHeld } from "./Failure.ts"
import { loadBatch, loadBatchValues } from "./LoadStatement.ts"
import * as sql from "./Statements.ts"

/** Most looks in one statement: what they find can be large, and is read without a pause. */
const maxLooks = 32

/** The session store over a database that is up to date. So many batches are under way at once as there are `lanes`. */
export const makeSessionStore = Effect.fnUntraced(function* (
  { read, transaction, write }: Access,
  lanes: number
): Effect.fn.Return<SessionStore["Service"], never, Scope.Scope> {
  const commit = yield* makeGroupCommit({
    lanes,
    encode: rows.commitRows,
    sizeOf: rows.sizeOfCommit,
    // A key that somebody holds is waited for by the member that wants it, and not by its neighbours.
    write: (batch) =>
      Effect.map(write(commitBatch, commitValues(batch), { impatient: batch.length > 1 }), ({ rows }) =>
        resultsOf(rows)
      ),
    mayBeOnes: ({ cause, outcome }) => outcome === "not_applied" && (isAboutData(cause) || isHeld(cause))
  })

  const load = makeTogether({
    ask: (requests: ReadonlyArray<LoadRequest>) =>
      read(loadBatch, loadBatchValues(requests), (found) => {
        const loaded: Array<Exit.Exit<Loaded, StoreError>> = []
        // What cannot be decoded fails by itself.
        for (const row of found) loaded[Number(row["n"])] = loadedOf(row)
        return loaded
      }),
    mayBeOnes: ({ cause }) => isAboutData(cause),
    most: maxLooks
  })

  return {
    load: (request) => inSpan("SessionStore.load", load(request)),

    commit: (batch) => inSpan("SessionStore.commit", commit(batch)),

    exclusively: Effect.fn("SessionStore.exclusively")((request, decide) => exclusively(transaction, request, decide)),

    list: Effect.fn("SessionStore.list")((request) =>
      read(shared.listSessions(request), rows.listValues(request), rows.readSessions)
    ),

    page: Effect.fn("SessionStore.page")((request) =>
      read(sql.pageSessions(request), rows.pageValues(request), rows.readPage)
    ),

    history: Effect.fn("SessionStore.history")((tenant, session) =>
      read(shared.historyOf(session), { ...rows.owner(tenant), session }, rows.readHistory)
    ),

    appendAudit: Effect.fn("SessionStore.appendAudit")((tenant, entry) =>
      Effect.asVoid(write(shared.appendEntry, rows.entryRow(tenant, entry)))
    ),

    lapsed: Effect.fn("SessionStore.lapsed")((tenant, now, limit) =>
      read(shared.lapsedSessions, { ...rows.owner(tenant), now: rows.timeText(now), limit }, rows.readSessions)
    ),

    sweep: Effect.fn("SessionStore.sweep")((tenant, now, limit) =>
      Effect.map(
        write(sql.sweepRecords, { ...rows.owner(tenant), now: rows.timeText(now), limit }),
        ({ rowCount }) => rowCount
      )
    ),

    ready: read(shared.ready, {}, () => undefined)
  }
})

/**
 * In a transaction that holds the session. If the server undoes it (40001), it is done again with the decision that was made,
 * provided that the store still is as it was decided upon; otherwise the decision came too late.
 */
const exclusively = <E>(
  transaction: Access["transaction"],
  request: LoadRequest,
  decide: (loaded: Loaded) => Effect.Effect<Commit | null, E>
) => {
  let decided: { readonly upon: unknown; readonly change: Commit | null } | undefined
  return transaction((run: Run) =>
    Effect.gen(function* () {
      yield* run(sql.lockSession, rows.loadValues(request))
      const [found] = (yield* run(loadBatch, loadBatchValues([request]))).rows
      decided ??= { upon: found, change: yield* decide(yield* loadedOf(found)) }
      if (!isDeepStrictEqual(found, decided.upon)) return "stale" as const
      if (decided.change === null) return null
      const { change: made } = decided
      assertWhole(made)
      const change = yield* decoded(() => rows.commitRows(made))
      const [result = "stale"] = resultsOf((yield* run(commitBatch, commitValues([change]))).rows)
      if (result === "committed" && change.erases) {
        const mine = { ...rows.owner(request.tenant), session: request.session, run: change.record?.run ?? "" }
        yield* run(sql.lockRecords, mine)
        yield* run(sql.eraseRecords, mine)
      }
      return result
    })
  )
}

const loadedOf = (found: object | undefined) => decoded(() => rows.readLoaded(found))

const resultsOf = (answer: ReadonlyArray<object>): ReadonlyArray<CommitResult> =>
  answer.map((row) => (row as CommitAnswer).result)

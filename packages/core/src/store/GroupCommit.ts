/**
 * Group commit: what waits to be committed at the same moment is written together, in one transaction and with one sync to the
 * disk. It stands in front of what an adapter writes with, and is no part of the port.
 *
 * - A commit that is alone does not wait for company: it goes as soon as a lane is free, with those that are ready at that very
 *   moment. What comes while all lanes are busy goes together, with the next that is free.
 * - A batch holds a session at most once and a key at most once, at most 64 members, and at most 1 MB unless one member is larger.
 * - No organization waits for another's crowd: they take turns, member by member.
 * - One stale or duplicate member never fails its neighbours, and neither does one that cannot be written: after an error
 *   that may be one member's own, each is tried alone.
 * - The queue is bounded, and so is the wait in it: whoever finds it full, or waits for five seconds, is `not_applied`.
 */
import { Array as Arr, Clock, Deferred, Effect, Exit, Result } from "effect"
import type { Scope } from "effect"
import { assertBatch, StoreError } from "./SessionStore.ts"
import type { Commit, CommitResult, SessionStore } from "./SessionStore.ts"
import { settleTogether } from "./Together.ts"

/** How an adapter writes. */
export interface Writer<Row> {
  /** So many batches may be under way at once: one for each connection that commits. */
  readonly lanes: number
  /** What of a commit is written, made before its turn has come. It may throw. */
  readonly encode: (change: Commit) => Row
  /** About how many bytes a row has. */
  readonly sizeOf: (row: Row) => number
  /** Commits what is stale or duplicate for none of the others; answers in their order, within bounded time. */
  readonly write: (rows: Arr.NonEmptyReadonlyArray<Row>) => Effect.Effect<ReadonlyArray<CommitResult>, StoreError>
  /** Whether an error of a batch may be that of one of its members, and not of the database. */
  readonly mayBeOnes: (error: StoreError) => boolean
}

const maxMembers = 64
const maxBytes = 1_000_000
const maxWaiting = 4_096
const maxWait = 5_000

interface Member<Row> {
  readonly row: Row
  readonly bytes: number
  /** The session and the key, as nobody else may have them in the same batch. */
  readonly names: ReadonlyArray<string>
  readonly since: number
  readonly settle: (result: Effect.Effect<CommitResult, StoreError>) => void
}

/** What one organization has waiting: it has a queue for as long as that is something. */
interface Queue<Row> {
  readonly organization: string
  readonly members: Array<Member<Row>>
}

/** The `commit` of a store that writes as `writer` does. Closing its scope refuses what still waits. */
export const makeGroupCommit = Effect.fnUntraced(function* <Row>(
  writer: Writer<Row>
): Effect.fn.Return<SessionStore["Service"]["commit"], never, Scope.Scope> {
  const clock = yield* Clock.Clock
  /** Those who wait, by organization. */
  const queues = new Map<string, Queue<Row>>()
  /** The same queues; that of the organization whose turn it is comes first. */
  let turns: Array<Queue<Row>> = []
  const idle: Array<Deferred.Deferred<void>> = []
  let waiting = 0
  let closed = false

  const enqueue = (change: Commit, row: Row): Effect.Effect<CommitResult, StoreError> =>
    Effect.callback((settle) => {
      if (closed) return settle(refused("The store is closed"))
      if (waiting === maxWaiting) return settle(refused("Too many commits are waiting"))
      const { environment, organization } = change.tenant
      const owner = `${organization}/${environment}/`
      const member = {
        row,
        bytes: writer.sizeOf(row),
        names: change.record === null ? [owner + change.session] : [owner + change.session, owner + change.record.key],
        since: clock.currentTimeMillisUnsafe(),
        settle
      }
      const queue = queues.get(organization)
      if (queue === undefined) {
        const own = { organization, members: [member] }
        queues.set(organization, own)
        turns.push(own)
      } else {
        queue.members.push(member)
      }
      waiting++
      const lane = idle.pop()
      if (lane !== undefined) Deferred.doneUnsafe(lane, Effect.void)
    })

  /** The next batch: one of each organization, again and again, for as long as there is room. */
  const take = (): Array<Member<Row>> => {
    const batch: Array<Member<Row>> = []
    const names = new Set<string>()
    const now = clock.currentTimeMillisUnsafe()
    let bytes = 0
    const blocked: Array<Queue<Row>> = []
    for (let queue = turns.shift(); queue !== undefined; queue = turns.shift()) {
      const [head] = queue.members
      if (head === undefined) continue
      if (batch.length === maxMembers || (batch.length > 0 && bytes + head.bytes > maxBytes)) {
        blocked.push(queue)
        break
      }
      if (head.names.some((name) => names.has(name))) {
        blocked.push(queue)
        continue
      }
      queue.members.shift()
      waiting--
      if (queue.members.length > 0) turns.push(queue)
      else queues.delete(queue.organization)
      if (now - head.since > maxWait) {
        head.settle(refused("No turn came in time"))
        continue
      }
      for (const name of head.names) names.add(name)
      bytes += head.bytes
      batch.push(head)
    }
    // Whoever could not be taken along is asked first the next time.
    turns = [...blocked, ...turns]
    return batch
  }

  const write = (batch: Arr.NonEmptyReadonlyArray<Member<Row>>): Effect.Effect<void> =>
    settleTogether<Member<Row>, CommitResult, StoreError>(
      batch,
      (members) =>
        Effect.map(writer.write(Arr.map(members, ({ row }) => row)), (results) =>
          members.map((_, at) => Exit.succeed(results[at] ?? "stale"))
        ),
      writer.mayBeOnes
    )

  const commitNext = Effect.suspend(() => {
    const batch = take()
    return Arr.isArrayNonEmpty(batch) ? write(batch) : Effect.void
  })

  const lane = Effect.gen(function* () {
    while (true) {
      if (waiting === 0) {
        const called = Deferred.makeUnsafe<void>()
        idle.push(called)
        yield* Deferred.await(called)
      }
      // Whoever is ready at this moment comes along.
      yield* Effect.yieldNow
      yield* Effect.uninterruptible(commitNext)
    }
  })

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      closed = true
      for (const { settle } of turns.flatMap(({ members }) => members)) settle(refused("The store is closed"))
      queues.clear()
      turns = []
      waiting = 0
    })
  )
  for (let n = 0; n < writer.lanes; n++) yield* Effect.forkScoped(lane)

  const one = (change: Commit) =>
    Effect.try({
      try: () => writer.encode(change),
      catch: (cause) => new StoreError({ outcome: "not_applied", cause })
    }).pipe(Effect.flatMap((row) => enqueue(change, row)))

  return (batch) =>
    Effect.suspend(() => {
      assertBatch(batch)
      if (batch.length === 1) return Effect.map(one(batch[0]), (result) => [result])
      const results = Effect.forEach(batch, (change) => Effect.result(one(change)), { concurrency: "unbounded" })
      return Effect.flatMap(results, allOf)
    })
})

const refused = (why: string) => Effect.fail(new StoreError({ outcome: "not_applied", cause: new Error(why) }))

/**
 * The results of a caller's members. One that failed fails them all; and if another went through, none can be told that nothing
 * was written, so that each looks up what became of it.
 */
const allOf = (
  results: ReadonlyArray<Result.Result<CommitResult, StoreError>>
): Effect.Effect<ReadonlyArray<CommitResult>, StoreError> => {
  const failed = results.find(Result.isFailure)
  if (failed === undefined) return Effect.succeed(results.map(Result.getOrThrow))
  const untouched = results.every((result) =>
    Result.isFailure(result) ? result.failure.outcome === "not_applied" : result.success !== "committed"
  )
  const { cause } = failed.failure
  return Effect.fail(new StoreError({ outcome: untouched ? "not_applied" : "unknown", cause }))
}

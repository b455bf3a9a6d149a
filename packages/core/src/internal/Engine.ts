/**
 * The engine: load, decide, commit; again when somebody was faster.
 *
 * Every operation goes through it, so that what must hold for all of them stands in one place: the order of the checks, the
 * replay of a stored outcome, the lapse, the guard on the revision, the record, the events and the audit entry of one commit,
 * and the look-up of a commit whose answer was lost (contract §4, §6).
 */
import { Clock, DateTime, Duration, Effect, Result } from "effect"
import type { Caller } from "../Caller.ts"
import type { AuditEntry, SessionEvent } from "../domain/Event.ts"
import * as Idempotency from "../domain/Idempotency.ts"
import type { IdempotencyKey, IdempotencyRecord } from "../domain/Idempotency.ts"
import type { EventId, SessionId } from "../domain/Ids.ts"
import { lapse, lapseEvent } from "../domain/Lapse.ts"
import type { Session } from "../domain/Session.ts"
import { Unavailable, Unprocessable } from "../Errors.ts"
import type { Conflict } from "../Errors.ts"
import { IdGenerator } from "../IdGenerator.ts"
import { Keyring, sameHash } from "../Keyring.ts"
import type { Decision, Refusal } from "../operations/Operation.ts"
import { SessionStore } from "../store/SessionStore.ts"
import type { Commit, CommitResult, Loaded, StoreError } from "../store/SessionStore.ts"
import { unavailable } from "./Available.ts"
import { makeLatches } from "./Latches.ts"
import { fingerprint, makeRecord, requestText } from "./Outcome.ts"
import type { OutcomeCodec, Request } from "./Outcome.ts"
import { makeRuns } from "./Runs.ts"
import type { Joined } from "./Runs.ts"

/** One request for the engine. */
export interface Work<Extra, E> extends Request {
  readonly caller: Caller
  /** The session to change or to make. */
  readonly session: SessionId
  readonly key: IdempotencyKey | null
  /** How the operation's outcome is kept in a record. */
  readonly codec: OutcomeCodec<Extra>
  /** The decision upon the session as it stands now (lapse applied), `null` if there is none. */
  readonly decide: (current: Session | null, now: DateTime.Utc) => Result.Result<Decision<Extra>, E>
  /** Redactions also erase the session's records. */
  readonly redacts?: boolean
}

/** What came of it. */
export interface Outcome<Extra> {
  readonly session: Session
  readonly extra: Extra
  /** Whether another request, or an earlier one, did the work. */
  readonly replayed: boolean
}

/** All tries of one request end after this long, in `Unavailable`. */
const patience = Duration.toMillis(Duration.seconds(5))

/** Waits between tries when the store did not answer, or when other processes keep being faster. */
const pause = (tries: number) => Effect.sleep(Duration.millis(Math.min(5 * 2 ** tries, 200)))

/** The engine over the store, the keyring and the id generator. Its scope waits for what is under way. */
export const makeEngine = Effect.gen(function* () {
  const store = yield* SessionStore
  const keyring = yield* Keyring
  const ids = yield* IdGenerator
  const latches = makeLatches()
  const runs = yield* makeRuns<Outcome<unknown>, Refusal>()

  const commit = (change: Commit, redacts: boolean): Effect.Effect<CommitResult, StoreError> =>
    // A commit that has begun is seen through, whoever stopped waiting.
    Effect.uninterruptible(
      redacts ? store.redact(change) : Effect.map(store.commit([change]), ([result]) => result ?? "stale")
    )

  const replay = <Extra, E>(
    work: Work<Extra, E>,
    text: string,
    record: IdempotencyRecord
  ): Result.Result<{ readonly session: Session; readonly extra: Extra }, Unprocessable> => {
    if (record.body === null) {
      const same = record.operation === work.operation && (work.target === null || work.target === record.session)
      return Result.fail(same ? Unprocessable.sessionRedacted() : Unprocessable.idempotencyMismatch())
    }
    const expected = fingerprint(keyring, text, record.body.keyVersion)
    return expected !== undefined && sameHash(Buffer.from(expected), Buffer.from(record.body.fingerprint))
      ? Result.succeed(work.codec.decode(record.body.outcome))
      : Result.fail(Unprocessable.idempotencyMismatch())
  }

  /** The commit that makes a decision durable, or `null` when there is nothing to write. */
  const prepare = Effect.fnUntraced(function* <Extra, E>(options: {
    readonly work: Work<Extra, E>
    readonly text: string
    readonly run: EventId
    readonly stored: Session | null
    readonly current: Session | null
    readonly decision: Decision<Extra>
    readonly now: DateTime.Utc
  }) {
    const { current, decision, now, run, stored, work } = options
    if (decision.event === null && work.key === null) return null
    const events: Array<SessionEvent> = []
    if (stored !== null && current !== null && current !== stored) {
      events.push(lapseEvent(yield* ids.next("evt"), current))
    }
    if (decision.event !== null) {
      const { changed, type } = decision.event
      events.push({ id: run, session: work.session, revision: decision.session.revision, type, changed, at: now })
    }
    const audit: AuditEntry = {
      id: yield* ids.next("aud"),
      at: now,
      action: work.operation,
      session: work.session,
      apiKey: work.caller.apiKey,
      requestId: work.caller.requestId,
      address: work.caller.address
    }
    const record =
      work.key === null
        ? null
        : makeRecord({
            key: work.key,
            request: work,
            session: work.session,
            run,
            keyVersion: keyring.current,
            fingerprint: fingerprint(keyring, options.text) ?? "",
            outcome: work.codec.encode({ session: decision.session, extra: decision.extra }),
            now,
            expiresAt: DateTime.addDuration(now, Idempotency.lifetime)
          })
    return {
      tenant: { organization: work.caller.organization, environment: work.caller.environment },
      session: work.session,
      expected: stored?.revision ?? null,
      next: events.length === 0 ? null : decision.session,
      events,
      audit,
      record,
      now
    } satisfies Commit
  })

  const attempt = Effect.fnUntraced(function* <Extra, E>(
    work: Work<Extra, E>,
    text: string,
    deadline: number
  ): Effect.fn.Return<Outcome<Extra>, E | Unprocessable | Unavailable> {
    const run = yield* ids.next("evt")
    let unanswered: Decision<Extra> | null = null
    for (let tries = 0; ; tries++) {
      const now = yield* DateTime.now
      if (tries > 0 && DateTime.toEpochMillis(now) >= deadline) return yield* new Unavailable({ retryAfter: 1 })
      if (tries > 2) yield* pause(tries)
      const loaded: Result.Result<Loaded, StoreError> = yield* Effect.result(
        store.load({
          tenant: work.caller,
          session: work.session,
          key: work.key,
          revision: unanswered?.session.revision ?? null,
          now
        })
      )
      if (Result.isFailure(loaded)) {
        if (unanswered === null) return yield* unavailable(loaded.failure)
        continue
      }
      const { event, record, session: stored } = loaded.success
      if (record !== null) {
        const first = yield* Effect.fromResult(replay(work, text, record))
        return { ...first, replayed: record.run !== run }
      }
      if (unanswered !== null && event === run) {
        return { session: unanswered.session, extra: unanswered.extra, replayed: false }
      }
      const current = stored === null ? null : lapse(stored, now)
      const decision: Decision<Extra> = yield* Effect.fromResult(work.decide(current, now))
      const outcome = { session: decision.session, extra: decision.extra, replayed: false }
      const change = yield* prepare({ work, text, run, stored, current, decision, now })
      if (change === null) return outcome
      const committed = yield* Effect.result(commit(change, work.redacts === true && decision.event !== null))
      if (Result.isSuccess(committed)) {
        if (committed.success === "committed") return outcome
      } else if (committed.failure.outcome === "unknown") {
        unanswered = decision
      } else return yield* unavailable(committed.failure)
    }
  })

  /**
   * Does the work once. Fails with what `decide` refuses, with `Unprocessable` for a key of another request, with `Conflict`
   * (`idempotency_key_in_use`) after five seconds behind another request's run, and with `Unavailable`.
   */
  const run = Effect.fnUntraced(function* <Extra, E extends Refusal>(
    work: Work<Extra, E>
  ): Effect.fn.Return<Outcome<Extra>, E | Conflict | Unprocessable | Unavailable> {
    const tenant = `${work.caller.organization}/${work.caller.environment}`
    const text = work.key === null ? "" : requestText(work)
    const deadline = (yield* Clock.currentTimeMillis) + patience
    const tried = attempt(work, text, deadline)
    // Nobody else can know of a session that is being made.
    const once = work.target === null ? tried : latches.hold(`${tenant}/${work.session}`, tried)
    if (work.key === null) return yield* runs.attend(once)
    const print = fingerprint(keyring, text) ?? ""
    // Equal fingerprints mean the same operation, and so the same extras and the same errors.
    const joined = runs.join(`${tenant}/${work.key}`, print, once)
    const { shared, value } = yield* joined as Effect.Effect<
      Joined<Outcome<unknown>>,
      E | Conflict | Unprocessable | Unavailable
    >
    const outcome = value as Outcome<Extra>
    return shared ? { ...outcome, replayed: true } : outcome
  })

  return { run, keyring, ids, store }
})

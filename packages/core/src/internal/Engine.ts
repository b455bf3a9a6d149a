/**
 * The engine: load, decide, commit; again when somebody was faster.
 *
 * Every operation goes through it, so that what must hold for all of them stands in one place: the order of the checks, the
 * replay of a stored outcome, the lapse, the guard on the revision, the record, the events and the audit entry of one commit,
 * and the look-up of a commit whose answer was lost (contract §4, §6).
 */
import { randomUUID } from "node:crypto"
import { DateTime, Duration, Effect, Fiber, Result } from "effect"
import type { Caller } from "../Caller.ts"
import type { SessionEvent } from "../domain/Event.ts"
import * as Idempotency from "../domain/Idempotency.ts"
import type { IdempotencyKey, IdempotencyRecord } from "../domain/Idempotency.ts"
import type { EventId, SessionId } from "../domain/Ids.ts"
import { lapse, lapseEvent } from "../domain/Lapse.ts"
import type { Session } from "../domain/Session.ts"
import { Unavailable, Unprocessable } from "../Errors.ts"
import type { Conflict } from "../Errors.ts"
import { fingerprint, requestText } from "../Fingerprint.ts"
import type { Request } from "../Fingerprint.ts"
import { IdGenerator } from "../IdGenerator.ts"
import { Keyring, sameHash } from "../Keyring.ts"
import type { Decision, Refusal } from "../operations/Operation.ts"
import { SessionStore, StoreError } from "../store/SessionStore.ts"
import type { Commit, Loaded, LoadRequest } from "../store/SessionStore.ts"
import { unavailable } from "./Available.ts"
import { makeLatches } from "./Latches.ts"
import type { OutcomeCodec } from "./Outcome.ts"
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

/** A key, and the request that it stands for: its text, and the fingerprint of that under the current secret. */
interface Claim {
  readonly key: IdempotencyKey
  readonly text: string
  readonly fingerprint: string
}

/** What a look at the store comes to: the answer, once `change` is durable; `null`, if there is nothing to write. */
interface Look<Extra> {
  readonly outcome: Performed<Extra>
  readonly change: Commit | null
}

/** What came of it. */
export interface Performed<Extra> {
  readonly session: Session
  readonly extra: Extra
  /** Whether another request, or an earlier one, did the work. */
  readonly replayed: boolean
}

/** So long a request waits: for its turn, for somebody else's run, and for its own tries in all. */
const patience = Duration.seconds(5)

/** So many times others may be faster; then the session is held while the work is done. */
const maxRaces = 3

/** Waits between tries when the store does not answer. */
const pause = (tries: number) => Effect.sleep(Duration.millis(Math.min(5 * 2 ** tries, 200)))

/** The engine: a function that does work, over the store, the keyring and the id generator. Its scope waits for what is under way. */
export const makeEngine = Effect.gen(function* () {
  const store = yield* SessionStore
  const keyring = yield* Keyring
  const ids = yield* IdGenerator
  // What is in flight is found by a hash that anybody can compute. With an end that nobody knows, names cannot be made to share one.
  const salt = randomUUID()
  const latches = makeLatches(patience)
  const runs = yield* makeRuns<Performed<unknown>, Refusal>(patience)

  const claimOf = (request: Request, key: IdempotencyKey): Claim => {
    const text = requestText(request)
    return { key, text, fingerprint: fingerprint(keyring, text) }
  }

  /** What the store has, if it says so in time. A timer is made only where it does not answer at once. */
  const load = (request: LoadRequest, left: number): Effect.Effect<Loaded, StoreError> =>
    Effect.withFiber(({ context }) =>
      Effect.uninterruptibleMask((restore) => {
        const loading = Effect.runForkWith(context)(store.load(request))
        const loaded = loading.pollUnsafe()
        if (loaded !== undefined) return loaded
        const inTime = Effect.timeoutOrElse(Fiber.join(loading), {
          duration: left,
          orElse: () => Effect.fail(new StoreError({ outcome: "not_applied", cause: new Error("No answer in time") }))
        })
        return Effect.ensuring(restore(inTime), Fiber.interrupt(loading))
      })
    )

  /** Looks, and commits what was decided if nobody came in between. */
  const optimistically = <A extends Look<unknown>, E>(
    request: LoadRequest,
    look: (loaded: Loaded) => Effect.Effect<A, E>,
    left: number
  ) =>
    Effect.flatMap(load(request, left), (loaded) =>
      Effect.flatMap(look(loaded), ({ change }) =>
        change === null
          ? Effect.succeed(null)
          : // A commit that has begun is seen through, whoever stopped waiting.
            Effect.uninterruptible(Effect.map(store.commit([change]), ([result]) => result ?? "stale"))
      )
    )

  /** The same with the session held all the while. */
  const exclusively = <A extends Look<unknown>, E>(
    request: LoadRequest,
    look: (loaded: Loaded) => Effect.Effect<A, E>
  ) => Effect.uninterruptible(store.exclusively(request, (loaded) => Effect.map(look(loaded), ({ change }) => change)))

  const replay = <Extra, E>(
    work: Work<Extra, E>,
    claim: Claim,
    record: IdempotencyRecord
  ): Result.Result<{ readonly session: Session; readonly extra: Extra }, Unprocessable | Unavailable> => {
    if (record.body === null) {
      const same = record.operation === work.operation && (work.target === null || work.target === record.session)
      return Result.fail(same ? Unprocessable.sessionRedacted() : Unprocessable.idempotencyMismatch())
    }
    // A newer release wrote it, in a rolling upgrade: another process can read it.
    if (record.body.format !== Idempotency.format) return Result.fail(new Unavailable({ retryAfter: 1 }))
    const { keyVersion } = record.body
    const expected = keyVersion === keyring.current ? claim.fingerprint : fingerprint(keyring, claim.text, keyVersion)
    // Another process wrote it under a secret that this one does not have, while the secret is being replaced.
    if (expected === undefined) return Result.fail(new Unavailable({ retryAfter: 1 }))
    return sameHash(Buffer.from(expected), Buffer.from(record.body.fingerprint))
      ? Result.succeed(work.codec.decode(record.body.outcome))
      : Result.fail(Unprocessable.idempotencyMismatch())
  }

  /** The commit that makes a decision durable, or `null` when there is nothing to write. */
  const prepare = <Extra, E>(options: {
    readonly work: Work<Extra, E>
    readonly claim: Claim | null
    readonly run: EventId
    readonly stored: Session | null
    readonly current: Session | null
    readonly decision: Decision<Extra>
    readonly now: DateTime.Utc
  }): Effect.Effect<Commit | null> => {
    const { claim, current, decision, now, run, stored, work } = options
    // A lapse that was answered is stored: its revision is nobody else's from then on.
    if (decision.event === null && claim === null && current === stored) return Effect.succeed(null)
    const lapsed: Effect.Effect<ReadonlyArray<SessionEvent>> =
      stored !== null && current !== null && current !== stored
        ? Effect.map(ids.next("evt"), (id) => [lapseEvent(id, current)])
        : Effect.succeed([])
    return Effect.zipWith(lapsed, ids.next("aud"), (before, id): Commit => {
      const { caller, operation, session } = work
      const events = [...before]
      if (decision.event !== null) {
        const { changed, type } = decision.event
        events.push({ id: run, session, revision: decision.session.revision, type, changed, at: now })
      }
      return {
        tenant: { organization: caller.organization, environment: caller.environment },
        session,
        expected: stored?.revision ?? null,
        next: events.length === 0 ? null : decision.session,
        events,
        audit: {
          id,
          at: now,
          action: operation,
          session,
          apiKey: caller.apiKey,
          requestId: caller.requestId,
          address: caller.address
        },
        record: claim && {
          key: claim.key,
          operation,
          session,
          run,
          body: {
            format: Idempotency.format,
            keyVersion: keyring.current,
            fingerprint: claim.fingerprint,
            outcome: work.codec.encode({ session: decision.session, extra: decision.extra })
          },
          createdAt: now,
          expiresAt: DateTime.addDuration(now, Idempotency.lifetime)
        },
        erases: work.redacts === true && decision.event !== null,
        now
      }
    })
  }

  /** Tries until it is done or refused, or the deadline has come. `run` is the id of its event. */
  const attempt = <Extra, E>(
    work: Work<Extra, E>,
    claim: Claim | null,
    deadline: number,
    run: EventId
  ): Effect.Effect<Performed<Extra>, E | Unprocessable | Unavailable> => {
    // What commits would have answered whose answer was lost, by the revision that they would have made.
    const unanswered = new Map<number, Performed<Extra>>()

    const look = (
      { eventRevision, record, session: stored }: Loaded,
      now: DateTime.Utc
    ): Effect.Effect<Look<Extra>, E | Unprocessable | Unavailable> => {
      if (claim !== null && record !== null) {
        const first = replay(work, claim, record)
        return Result.isFailure(first)
          ? Effect.fail(first.failure)
          : Effect.succeed({ outcome: { ...first.success, replayed: record.run !== run }, change: null })
      }
      const own = eventRevision === null ? undefined : unanswered.get(eventRevision)
      if (own !== undefined) return Effect.succeed({ outcome: own, change: null })
      const current = stored === null ? null : lapse(stored, now)
      const decided = work.decide(current, now)
      if (Result.isFailure(decided)) return Effect.fail(decided.failure)
      const decision = decided.success
      const outcome = { session: decision.session, extra: decision.extra, replayed: false }
      return Effect.map(prepare({ work, claim, run, stored, current, decision, now }), (change) => ({
        outcome,
        change
      }))
    }

    type Tried = Effect.Effect<Performed<Extra>, E | Unprocessable | Unavailable>
    const again = (tries: number, races: number): Tried =>
      tries > maxRaces ? Effect.andThen(pause(tries - maxRaces), round(tries, races)) : round(tries, races)
    const round = (tries: number, races: number): Tried =>
      Effect.clockWith((clock): Tried => {
        const now = DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
        const left = deadline - DateTime.toEpochMillis(now)
        if (left <= 0) return Effect.fail(new Unavailable({ retryAfter: 1 }))
        const event = unanswered.size === 0 ? null : run
        const request = { tenant: work.caller, session: work.session, key: work.key, event, now }
        let last: Look<Extra> | undefined
        const see = (loaded: Loaded) => Effect.map(look(loaded, now), (found) => (last = found))
        const done =
          work.redacts === true || races >= maxRaces ? exclusively(request, see) : optimistically(request, see, left)
        return Effect.matchEffect(done, {
          onSuccess: (result): Tried =>
            last !== undefined && (result === null || result === "committed")
              ? Effect.succeed(last.outcome)
              : again(tries + 1, races + 1),
          onFailure: (failure): Tried => {
            if (!(failure instanceof StoreError)) {
              // What is refused now may be done already, or be done yet.
              return Effect.fail(unanswered.size === 0 ? failure : new Unavailable({ retryAfter: 1 }))
            }
            if (failure.outcome === "unknown") {
              if (last !== undefined) unanswered.set(last.outcome.session.revision, last.outcome)
            } else if (unanswered.size === 0) return unavailable(failure)
            return again(tries + 1, races)
          }
        })
      })
    return round(0, 0)
  }

  /**
   * Does the work once. Fails with what `decide` refuses, with `Unprocessable` for a key of another request, with `Conflict`
   * (`idempotency_key_in_use`) after five seconds behind another request's run, and with `Unavailable`.
   */
  return <Extra, E extends Refusal>(
    work: Work<Extra, E>
  ): Effect.Effect<Performed<Extra>, E | Conflict | Unprocessable | Unavailable> =>
    Effect.clockWith((clock) => {
      const tenant = `${work.caller.organization}/${work.caller.environment}`
      const claim = work.key === null ? null : claimOf(work, work.key)
      const deadline = clock.currentTimeMillisUnsafe() + Duration.toMillis(patience)
      const tried = Effect.flatMap(ids.next("evt"), (run) => attempt(work, claim, deadline, run))
      // Nobody else can know of a session that is being made.
      const once = work.target === null ? tried : latches.hold(`${tenant}/${work.session}/${salt}`, tried)
      if (claim === null) return runs.attend(once)
      // Equal fingerprints mean the same operation, and so the same extras and the same errors.
      const joined = runs.join(`${tenant}/${claim.key}/${salt}`, claim.fingerprint, once) as Effect.Effect<
        Joined<Performed<Extra>>,
        E | Conflict | Unprocessable | Unavailable
      >
      return Effect.map(joined, ({ shared, value }) => (shared ? { ...value, replayed: true } : value))
    })
})

/**
 * Runs: requests with one idempotency key that arrive while the first of them is still at work share its outcome.
 *
 * A run belongs to the key, not to the request that came first: a client that goes away drops a waiter, and the run goes on.
 * This is for speed and for patience only; across processes, and after a crash, it is the store that lets a key be claimed
 * once (contract §6).
 */
import { Clock, Deferred, Duration, Effect, Exit, Fiber, HashMap, Option, Scope } from "effect"
import type { Cause, Context } from "effect"
import { Conflict, Unavailable, Unprocessable } from "../Errors.ts"

interface Run<A, E> {
  readonly fingerprint: string
  readonly fiber: Fiber.Fiber<A, E>
}

/** What a request got: the value, and whether another request's run made it. */
export interface Joined<A> {
  readonly value: A
  readonly shared: boolean
}

/** Longest wait for the work under way when the scope closes. */
const maxClosing = Duration.seconds(10)

/**
 * The runs of one service. Somebody else's run is waited for at most `maxWait`. When the scope closes, it waits for all work
 * that is under way.
 */
export const makeRuns = Effect.fnUntraced(function* <A, E>(maxWait: Duration.Duration) {
  type Work = Effect.Effect<A, E | Unavailable>
  // Not a `Map`: it leaves tables behind as it changes, and V8 keeps what was in them, with all that it refers to, until the next
  // full collection.
  let running = HashMap.empty<string, Run<A, E | Unavailable>>()
  const idle = Deferred.makeUnsafe<void>()
  let underWay = 0
  let closing = false

  yield* Scope.addFinalizer(
    yield* Effect.scope,
    Effect.suspend(() => {
      closing = true
      return underWay === 0 ? Effect.void : Effect.timeoutOption(Deferred.await(idle), maxClosing)
    })
  )

  const begin = () => void underWay++
  const end = () => {
    if (--underWay === 0 && closing) Deferred.doneUnsafe(idle, Exit.void)
  }

  /** Does work that closing waits for. */
  const attend = <B, F>(work: Effect.Effect<B, F>): Effect.Effect<B, F> =>
    Effect.uninterruptibleMask((restore) => {
      begin()
      return Effect.ensuring(restore(work), Effect.sync(end))
    })

  /** Starts a run under a key, at once and as nobody's child, and waits for it. */
  const start = (key: string, fingerprint: string, work: Work, context: Context.Context<never>) => {
    begin()
    const fiber = Effect.runForkWith(context)(work)
    if (fiber.pollUnsafe() === undefined) running = HashMap.set(running, key, { fingerprint, fiber })
    fiber.addObserver(() => {
      running = HashMap.remove(running, key)
      end()
    })
    return Effect.map(Fiber.join(fiber), (value): Joined<A> => ({ value, shared: false }))
  }

  /** Waits for the run that is under way, and for the one behind it. */
  const share = Effect.fnUntraced(function* (
    key: string,
    fingerprint: string,
    work: Work,
    context: Context.Context<never>
  ): Effect.fn.Return<Joined<A>, E | Unavailable | Conflict | Unprocessable> {
    const clock = yield* Clock.Clock
    const until = clock.currentTimeMillisUnsafe() + Duration.toMillis(maxWait)
    for (let begun = true; ; begun = false) {
      const run = Option.getOrUndefined(HashMap.get(running, key))
      if (run === undefined) return yield* start(key, fingerprint, work, context)
      const exit = yield* Effect.timeoutOrElse(Fiber.await(run.fiber), {
        duration: Math.max(until - clock.currentTimeMillisUnsafe(), 0),
        orElse: () => Effect.fail(Conflict.keyInUse())
      })
      // What it answers may be older than this request, and the session redacted since: the next run looks again, for all.
      if (begun && Exit.isSuccess(exit)) continue
      if (Exit.isSuccess(exit)) {
        if (run.fingerprint !== fingerprint) return yield* Unprocessable.idempotencyMismatch()
        return { value: exit.value, shared: true }
      }
      if (run.fingerprint === fingerprint && isDomainFailure(exit.cause)) return yield* Effect.failCause(exit.cause)
    }
  })

  /**
   * Starts `work` under `key`, or waits for the run that is under way. A waiter with the same fingerprint shares its domain
   * failure, or the success of the run behind it, which finds the outcome stored and which all who waited take part in; one with
   * another fingerprint is a mismatch if the run succeeds, and runs if it does not. Who has waited for others for `maxWait` fails
   * with `Conflict`; a run of one's own is seen through.
   */
  const join = (key: string, fingerprint: string, work: Work) =>
    Effect.withFiber(({ context }) => (HashMap.has(running, key) ? share : start)(key, fingerprint, work, context))

  return { attend, join }
})

/** A failure that would be the same for everybody: not an outage, a bug or an interruption. */
const isDomainFailure = <E>(cause: Cause.Cause<E>): boolean =>
  cause.reasons.length > 0 &&
  cause.reasons.every((reason) => reason._tag === "Fail" && !(reason.error instanceof Unavailable))

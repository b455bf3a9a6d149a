/**
 * Runs: requests with one idempotency key that arrive while the first of them is still at work share its outcome.
 *
 * A run belongs to the key, not to the request that came first: a client that goes away drops a waiter, and the run goes on.
 * This is for speed and for patience only; across processes, and after a crash, it is the store that lets a key be claimed
 * once (contract §6).
 */
import { Deferred, Duration, Effect, Exit, Scope } from "effect"
import type { Cause } from "effect"
import { Conflict, Unavailable, Unprocessable } from "../Errors.ts"

/** Longest wait for somebody else's run. */
export const maxWait = Duration.seconds(5)

interface Run<A, E> {
  readonly fingerprint: string
  readonly exit: Deferred.Deferred<Exit.Exit<A, E>>
}

/** What a request got: the value, and whether another request's run made it. */
export interface Joined<A> {
  readonly value: A
  readonly shared: boolean
}

/** The runs of one service. When the scope closes, it waits for those that are under way. */
export const makeRuns = Effect.fnUntraced(function* <A, E>() {
  const running = new Map<string, Run<A, E | Unavailable>>()
  const underWay = new Set<Deferred.Deferred<void>>()
  const scope = yield* Effect.scope
  yield* Scope.addFinalizer(
    scope,
    Effect.suspend(() =>
      Effect.andThen(
        Effect.forEach([...underWay], Deferred.await, { discard: true }),
        Effect.forEach([...running.values()], (run) => Deferred.await(run.exit), { discard: true })
      )
    )
  )

  /** Does work that has no key, and that closing waits for as it does for runs. */
  const attend = <A, E>(work: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const done = Deferred.makeUnsafe<void>()
        underWay.add(done)
        return done
      }),
      () => work,
      (done) => {
        underWay.delete(done)
        return Deferred.succeed(done, undefined)
      }
    )

  const start = (key: string, fingerprint: string, work: Effect.Effect<A, E | Unavailable>) =>
    Effect.gen(function* () {
      const run: Run<A, E | Unavailable> = { fingerprint, exit: Deferred.makeUnsafe() }
      running.set(key, run)
      yield* Effect.exit(work).pipe(
        Effect.flatMap((exit) => {
          running.delete(key)
          return Deferred.succeed(run.exit, exit)
        }),
        Effect.interruptible,
        Effect.forkDetach
      )
      return run
    }).pipe(Effect.uninterruptible)

  /**
   * Starts `work` under `key`, or waits for the run that is under way. A waiter with the same fingerprint shares its success
   * or its domain failure; one with another is a mismatch if the run succeeds, and runs if it does not.
   */
  const join = (
    key: string,
    fingerprint: string,
    work: Effect.Effect<A, E | Unavailable>
  ): Effect.Effect<Joined<A>, E | Unavailable | Conflict | Unprocessable> =>
    Effect.gen(function* () {
      while (true) {
        const run = running.get(key)
        if (run === undefined) {
          const own = yield* start(key, fingerprint, work)
          return { value: yield* yield* Deferred.await(own.exit), shared: false }
        }
        const exit = yield* Deferred.await(run.exit)
        if (Exit.isSuccess(exit)) {
          if (run.fingerprint !== fingerprint) return yield* Unprocessable.idempotencyMismatch()
          return { value: exit.value, shared: true }
        }
        if (run.fingerprint === fingerprint && isDomainFailure(exit.cause)) return yield* Effect.failCause(exit.cause)
      }
    })

  return {
    attend,
    join: (key: string, fingerprint: string, work: Effect.Effect<A, E | Unavailable>) =>
      running.has(key)
        ? Effect.timeoutOrElse(join(key, fingerprint, work), {
            duration: maxWait,
            orElse: () => Effect.fail(Conflict.keyInUse())
          })
        : join(key, fingerprint, work)
  }
})

/** A failure that would be the same for everybody: not an outage, a bug or an interruption. */
const isDomainFailure = <E>(cause: Cause.Cause<E>): boolean =>
  cause.reasons.length > 0 &&
  cause.reasons.every((reason) => reason._tag === "Fail" && !(reason.error instanceof Unavailable))

/**
 * Together: what many ask for is asked of the database at once, and each gets an answer of its own.
 *
 * `RequestResolver` of Effect gathers too. It keeps its sets for the batches to come, though, and what V8 has left of a set that was
 * cleared holds all that was in it until the next full collection (as in `internal/Runs.ts`): 3 kB of every update.
 */
import { Array as Arr, Effect } from "effect"
import type { Exit, Fiber } from "effect"

/** One of those who ask. */
interface Member<B, E> {
  readonly settle: (answer: Effect.Effect<B, E>) => void
}

/** Answers all of them, in their order. */
type Ask<M, B, E> = (members: Arr.NonEmptyReadonlyArray<M>) => Effect.Effect<ReadonlyArray<Exit.Exit<B, E>>, E>

/**
 * Asks for all members, and settles each. Where that fails by what may be the fault of one of them, each is asked for alone;
 * otherwise all of them fail.
 */
export const settleTogether = <M extends Member<B, E>, B, E>(
  members: Arr.NonEmptyReadonlyArray<M>,
  ask: Ask<M, B, E>,
  mayBeOnes: (error: E) => boolean
): Effect.Effect<void> =>
  Effect.matchCauseEffect(
    Effect.suspend(() => ask(members)),
    {
      onSuccess: (answers) =>
        Effect.sync(() => {
          for (const [at, { settle }] of members.entries()) settle(answers[at] ?? Effect.die(new Error("Not answered")))
        }),
      onFailure: (cause) => {
        const [reason] = cause.reasons
        const error = reason?._tag === "Fail" ? reason.error : undefined
        return members.length > 1 && error !== undefined && mayBeOnes(error)
          ? Effect.forEach(members, (member) => settleTogether([member], ask, mayBeOnes), {
              concurrency: "unbounded",
              discard: true
            })
          : Effect.sync(() => {
              for (const { settle } of members) settle(Effect.failCause(cause))
            })
      }
    }
  )

interface Asked<A, B, E> extends Member<B, E> {
  readonly question: A
  isGone: boolean
}

interface Batch<A, B, E> {
  readonly members: Array<Asked<A, B, E>>
  /** How many of them were not interrupted. */
  staying: number
  fiber: Fiber.Fiber<void> | undefined
}

/**
 * Gathers what is asked for in the same turn of the event loop, and asks for it together: at most `most` at once, in the context of
 * who came first. Who is interrupted before is not asked for, and when nobody is left the asking is interrupted.
 */
export const makeTogether = <A, B, E>(options: {
  /** Answers the questions, in their order. */
  readonly ask: (questions: Arr.NonEmptyReadonlyArray<A>) => Effect.Effect<ReadonlyArray<Exit.Exit<B, E>>, E>
  /** Whether an error of many may be that of one of them. */
  readonly mayBeOnes: (error: E) => boolean
  readonly most: number
}): ((question: A) => Effect.Effect<B, E>) => {
  const ask = (members: Arr.NonEmptyReadonlyArray<Asked<A, B, E>>) =>
    options.ask(Arr.map(members, ({ question }) => question))
  /** That of this turn. */
  let gathering: Batch<A, B, E> | undefined

  const close = (batch: Batch<A, B, E>) => {
    if (gathering === batch) gathering = undefined
  }

  const answer = (batch: Batch<A, B, E>): Effect.Effect<void> =>
    Effect.suspend(() => {
      close(batch)
      const members = batch.members.filter(({ isGone }) => !isGone)
      return Arr.isArrayNonEmpty(members) ? settleTogether(members, ask, options.mayBeOnes) : Effect.void
    })

  return (question) =>
    Effect.withFiber(({ context }) =>
      Effect.callback((settle) => {
        const mine = { question, settle, isGone: false }
        const batch = (gathering ??= { members: [], staying: 0, fiber: undefined })
        batch.staying++
        if (batch.members.push(mine) === options.most) close(batch)
        batch.fiber ??= Effect.runForkWith(context)(Effect.andThen(Effect.yieldNow, answer(batch)))
        return Effect.sync(() => {
          mine.isGone = true
          if (--batch.staying > 0) return
          close(batch)
          batch.fiber?.interruptUnsafe()
        })
      })
    )
}

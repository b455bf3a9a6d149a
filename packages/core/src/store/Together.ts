/**
 * What is asked for in the same turn of the event loop is asked together.
 *
 * `RequestResolver` of Effect does that too. It keeps its sets for the batches to come, though, and what V8 has left of a set that
 * was cleared holds all that was in it until the next full collection (as in `internal/Runs.ts`): 3 kB of every update.
 */
import { Array as Arr, Effect } from "effect"
import type { Exit, Fiber } from "effect"

interface Asked<A, B, E> {
  readonly question: A
  readonly settle: (answer: Effect.Effect<B, E>) => void
  isGone: boolean
}

interface Batch<A, B, E> {
  readonly members: Array<Asked<A, B, E>>
  /** How many of them still want an answer. */
  waiting: number
  fiber: Fiber.Fiber<void> | undefined
}

/**
 * A way to ask `ask`, at most `most` together. It answers in the order in which it was asked; where it fails, all of them fail. Who
 * is interrupted before is not asked for, and the asking is interrupted when nobody waits for it any more.
 */
export const makeTogether = <A, B, E>(
  ask: (questions: Arr.NonEmptyReadonlyArray<A>) => Effect.Effect<ReadonlyArray<Exit.Exit<B, E>>, E>,
  most: number
) => {
  /** That of this turn. */
  let gathering: Batch<A, B, E> | undefined

  const close = (batch: Batch<A, B, E>) => {
    if (gathering === batch) gathering = undefined
  }

  const answer = (batch: Batch<A, B, E>): Effect.Effect<void> =>
    Effect.suspend(() => {
      close(batch)
      const members = batch.members.filter(({ isGone }) => !isGone)
      if (!Arr.isArrayNonEmpty(members)) return Effect.void
      return Effect.matchCause(ask(Arr.map(members, ({ question }) => question)), {
        onSuccess: (answers) => {
          for (const [at, { settle }] of members.entries()) settle(answers[at] ?? Effect.die(new Error("Not answered")))
        },
        onFailure: (cause) => {
          for (const { settle } of members) settle(Effect.failCause(cause))
        }
      })
    })

  return (question: A): Effect.Effect<B, E> =>
    Effect.withFiber(({ context }) =>
      Effect.callback((resume) => {
        const mine = { question, settle: resume, isGone: false }
        const batch = (gathering ??= { members: [], waiting: 0, fiber: undefined })
        batch.waiting++
        if (batch.members.push(mine) === most) close(batch)
        batch.fiber ??= Effect.runForkWith(context)(Effect.andThen(Effect.yieldNow, answer(batch)))
        return Effect.sync(() => {
          mine.isGone = true
          if (--batch.waiting > 0) return
          close(batch)
          batch.fiber?.interruptUnsafe()
        })
      })
    )
}

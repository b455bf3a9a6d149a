/** What is asked in one turn of the event loop is asked together. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber } from "effect"
import { makeTogether } from "../src/store/Together.ts"

const bug = 1_000
const unreadable = 2_000

/** Answers the double of each number; `asked` has what came together. */
const doubling = (options: { readonly most: number; readonly hold?: Effect.Effect<unknown> }) => {
  const asked: Array<ReadonlyArray<number>> = []
  const ask = makeTogether<number, number, string>({
    ask: (numbers) => {
      asked.push(numbers)
      if (numbers.includes(0)) return Effect.fail("zero")
      if (numbers.includes(bug)) throw new Error("a bug")
      if (numbers.includes(unreadable)) return Effect.fail("unreadable")
      const answers = numbers.map((number) => (number < 0 ? Exit.fail("negative") : Exit.succeed(number * 2)))
      return Effect.as(options.hold ?? Effect.void, answers)
    },
    mayBeOnes: (error) => error === "unreadable",
    most: options.most
  })
  return { ask, asked }
}

const all = <A, E>(effects: ReadonlyArray<Effect.Effect<A, E>>) =>
  Effect.forEach(effects, Effect.exit, { concurrency: "unbounded" })

describe("what is asked in one turn", () => {
  it.effect("is asked together, as many at once as may be, and each gets its own answer", () =>
    Effect.gen(function* () {
      const { ask, asked } = doubling({ most: 3 })
      const answers = yield* all([1, 2, 3, 4, 5, 6, 7].map(ask))
      assert.deepStrictEqual(answers, [2, 4, 6, 8, 10, 12, 14].map(Exit.succeed))
      assert.deepStrictEqual(asked, [[1, 2, 3], [4, 5, 6], [7]])
    })
  )

  it.effect("does not wait for company", () =>
    Effect.gen(function* () {
      const { ask, asked } = doubling({ most: 3 })
      assert.strictEqual(yield* ask(1), 2)
      assert.strictEqual(yield* ask(2), 4)
      assert.deepStrictEqual(asked, [[1], [2]])
    })
  )

  it.effect("fails one by one, or as a whole where nothing was answered", () =>
    Effect.gen(function* () {
      const { ask } = doubling({ most: 3 })
      const one = yield* all([1, -1, 2].map(ask))
      assert.deepStrictEqual(one, [Exit.succeed(2), Exit.fail("negative"), Exit.succeed(4)])
      const every = yield* all([1, 0, 2].map(ask))
      assert.deepStrictEqual(every, [Exit.fail("zero"), Exit.fail("zero"), Exit.fail("zero")])
    })
  )

  it.effect("is asked for one by one where the failure may be that of one", () =>
    Effect.gen(function* () {
      const { ask, asked } = doubling({ most: 3 })
      const answers = yield* all([1, unreadable, 2].map(ask))
      assert.deepStrictEqual(answers, [Exit.succeed(2), Exit.fail("unreadable"), Exit.succeed(4)])
      assert.deepStrictEqual(asked, [[1, unreadable, 2], [1], [unreadable], [2]])
    })
  )

  it.effect("leaves nobody waiting after a bug", () =>
    Effect.gen(function* () {
      const { ask } = doubling({ most: 3 })
      const answers = yield* all([1, bug].map(ask))
      assert.isTrue(answers.every((exit) => Exit.isFailure(exit) && Cause.hasDies(exit.cause)))
      assert.strictEqual(yield* ask(1), 2)
    })
  )
})

describe("who is interrupted", () => {
  it.effect("before it is asked for is left out, and nothing is asked where nobody is left", () =>
    Effect.gen(function* () {
      const { ask, asked } = doubling({ most: 3 })
      const [first, second] = yield* Effect.all([
        Effect.forkChild(ask(1), { startImmediately: true }),
        Effect.forkChild(ask(2), { startImmediately: true })
      ])
      first.interruptUnsafe()
      assert.strictEqual(yield* Fiber.join(second), 4)
      assert.deepStrictEqual(asked, [[2]])

      const third = yield* Effect.forkChild(ask(3), { startImmediately: true })
      yield* Fiber.interrupt(third)
      assert.strictEqual(yield* ask(4), 8)
      assert.deepStrictEqual(asked, [[2], [4]])
    })
  )

  it.effect("afterwards takes nobody's answer away", () =>
    Effect.gen(function* () {
      const answered = yield* Deferred.make<void>()
      const { ask, asked } = doubling({ most: 3, hold: Deferred.await(answered) })
      const fibers = yield* Effect.forEach([1, 2, 3], (number) =>
        Effect.forkChild(ask(number), { startImmediately: true })
      )
      while (asked.length === 0) yield* Effect.yieldNow
      fibers[0]?.interruptUnsafe()
      yield* Deferred.succeed(answered, undefined)
      assert.deepStrictEqual(yield* all(fibers.slice(1).map(Fiber.join)), [Exit.succeed(4), Exit.succeed(6)])
    })
  )

  it.effect("as the last one ends the asking", () =>
    Effect.gen(function* () {
      const asking = { begun: false, ended: false }
      const ended = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (asking.ended = true)))
      const { ask } = doubling({
        most: 3,
        hold: Effect.andThen(
          Effect.sync(() => void (asking.begun = true)),
          ended
        )
      })
      const fibers = yield* Effect.forEach([1, 2], (number) =>
        Effect.forkChild(ask(number), { startImmediately: true })
      )
      while (!asking.begun) yield* Effect.yieldNow
      yield* Fiber.interruptAll(fibers.slice(0, 1))
      assert.isFalse(asking.ended)
      yield* Fiber.interruptAll(fibers)
      while (!asking.ended) yield* Effect.yieldNow
    })
  )
})

/** Group commit: which commits go together, who waits for whom, and what becomes of the others when one fails. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import type { Array as NonEmpty } from "effect"
import { TestClock } from "effect/testing"
import { makeGroupCommit } from "../src/store/GroupCommit.ts"
import { StoreError } from "../src/store/SessionStore.ts"
import type { Commit, CommitResult } from "../src/store/SessionStore.ts"
import type { OrganizationSlug } from "../src/domain/Tenant.ts"
import { makeCommit, makeSession, tenant } from "./StoreFixtures.ts"

const commitOf = (n: number, options: { readonly organization?: string; readonly key?: string } = {}): Commit => {
  const { key, organization } = options
  const commit = makeCommit(makeSession(n), key === undefined ? {} : { key })
  return organization === undefined
    ? commit
    : { ...commit, tenant: { ...tenant, organization: organization as OrganizationSlug } }
}

/** A database that takes a batch when the test says so, and remembers what it was given. */
const makeWriter = (options: {
  readonly lanes?: number
  readonly sizeOf?: (change: Commit) => number
  readonly answer?: (batch: ReadonlyArray<Commit>) => Effect.Effect<ReadonlyArray<CommitResult>, StoreError>
  readonly gated?: boolean
}) => {
  const { answer = (batch) => Effect.succeed(batch.map(() => "committed")), gated = false, lanes = 1 } = options
  const batches: Array<ReadonlyArray<Commit>> = []
  const gates: Array<Deferred.Deferred<void>> = []
  return {
    batches,
    gates,
    writer: {
      lanes,
      encode: (change: Commit) => change,
      sizeOf: options.sizeOf ?? (() => 1_000),
      write: (batch: NonEmpty.NonEmptyReadonlyArray<Commit>) =>
        Effect.suspend(() => {
          batches.push(batch)
          const gate = Deferred.makeUnsafe<void>()
          gates.push(gate)
          return gated ? Effect.andThen(Deferred.await(gate), answer(batch)) : answer(batch)
        }),
      mayBeOnes: ({ outcome }: StoreError) => outcome === "not_applied"
    }
  }
}

/** Lets everybody who can do something do it. */
const settle = Effect.repeat(Effect.yieldNow, { times: 10 })

const open = (gate: Deferred.Deferred<void> | undefined) =>
  gate === undefined ? Effect.die(new Error("Nothing was written")) : Deferred.succeed(gate, undefined)

const numbersOf = (batch: ReadonlyArray<Commit> | undefined) => batch?.map(({ session }) => Number(session.slice(4)))

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

const broken = (outcome: StoreError["outcome"]) => new StoreError({ outcome, cause: new Error("broken") })

describe("a commit", () => {
  it.effect("that is alone goes at once", () =>
    Effect.gen(function* () {
      const { batches, writer } = makeWriter({})
      const commit = yield* makeGroupCommit(writer)
      assert.deepStrictEqual(yield* commit([commitOf(1)]), ["committed"])
      assert.deepStrictEqual(yield* commit([commitOf(2)]), ["committed"])
      assert.deepStrictEqual(batches.map(numbersOf), [[1], [2]])
    })
  )

  it.effect("goes together with those that are ready at the same moment", () =>
    Effect.gen(function* () {
      const { batches, writer } = makeWriter({})
      const commit = yield* makeGroupCommit(writer)
      yield* Effect.forEach(range(1, 10), (n) => commit([commitOf(n)]), { concurrency: "unbounded" })
      assert.deepStrictEqual(batches.map(numbersOf), [range(1, 10)])
    })
  )

  it.effect("that comes while another is written waits, and goes together with all that came meanwhile", () =>
    Effect.gen(function* () {
      const { batches, gates, writer } = makeWriter({ gated: true })
      const commit = yield* makeGroupCommit(writer)
      const first = yield* Effect.forkChild(commit([commitOf(1)]))
      yield* settle
      const others = yield* Effect.forEach(range(2, 4), (n) => Effect.forkChild(commit([commitOf(n)])))
      yield* settle
      assert.deepStrictEqual(batches.map(numbersOf), [[1]])
      yield* open(gates[0])
      assert.deepStrictEqual(yield* Fiber.join(first), ["committed"])
      yield* settle
      assert.deepStrictEqual(batches.map(numbersOf), [[1], [2, 3, 4]])
      yield* open(gates[1])
      assert.deepStrictEqual(yield* Fiber.joinAll(others), [["committed"], ["committed"], ["committed"]])
    })
  )

  it.effect("does not wait for another when there is a second lane", () =>
    Effect.gen(function* () {
      const { batches, gates, writer } = makeWriter({ gated: true, lanes: 2 })
      const commit = yield* makeGroupCommit(writer)
      const fibers = yield* Effect.forEach(range(1, 2), (n) =>
        Effect.tap(Effect.forkChild(commit([commitOf(n)])), settle)
      )
      assert.deepStrictEqual(batches.map(numbersOf), [[1], [2]])
      yield* Effect.forEach(gates, open)
      yield* Fiber.joinAll(fibers)
    })
  )

  it.effect("has the answer that is its own", () =>
    Effect.gen(function* () {
      const answers = ["committed", "stale", "duplicate"] as const
      const { writer } = makeWriter({ answer: () => Effect.succeed(answers) })
      const commit = yield* makeGroupCommit(writer)
      const found = yield* Effect.forEach(range(1, 3), (n) => commit([commitOf(n)]), { concurrency: "unbounded" })
      assert.deepStrictEqual(found.flat(), [...answers])
    })
  )
})

describe("a batch", () => {
  it.effect("has at most 64 members", () =>
    Effect.gen(function* () {
      const { batches, writer } = makeWriter({})
      const commit = yield* makeGroupCommit(writer)
      yield* Effect.forEach(range(1, 150), (n) => commit([commitOf(n)]), { concurrency: "unbounded" })
      assert.deepStrictEqual(
        batches.map((batch) => batch.length),
        [64, 64, 22]
      )
    })
  )

  it.effect("has at most 1 MB, unless one member alone is larger", () =>
    Effect.gen(function* () {
      const { batches, writer } = makeWriter({
        sizeOf: ({ session }) => (session.endsWith("4") ? 1_500_000 : 400_000)
      })
      const commit = yield* makeGroupCommit(writer)
      yield* Effect.forEach(range(1, 5), (n) => commit([commitOf(n)]), { concurrency: "unbounded" })
      assert.deepStrictEqual(batches.map(numbersOf), [[1, 2], [3], [4], [5]])
    })
  )

  it.effect("holds no session and no key twice", () =>
    Effect.gen(function* () {
      const { batches, writer } = makeWriter({})
      const commit = yield* makeGroupCommit(writer)
      const commits = [commitOf(1), commitOf(1), commitOf(2, { key: "k" }), commitOf(3, { key: "k" })]
      yield* Effect.forEach(commits, (one) => commit([one]), { concurrency: "unbounded" })
      for (const batch of batches) {
        assert.strictEqual(new Set(batch.map(({ session }) => session)).size, batch.length)
        assert.isAtMost(batch.filter(({ record }) => record !== null).length, 1)
      }
      assert.deepStrictEqual(
        batches.flatMap((batch) => numbersOf(batch) ?? []).toSorted((a, b) => a - b),
        [1, 1, 2, 3]
      )
    })
  )

  it.effect("takes of every organization in turn: none waits for another's crowd", () =>
    Effect.gen(function* () {
      const { batches, gates, writer } = makeWriter({ gated: true })
      const commit = yield* makeGroupCommit(writer)
      const crowd = range(1, 200).map((n) => commitOf(n, { organization: "crowd" }))
      const few = range(1, 3).map((n) => commitOf(n, { organization: `few-${n}` }))
      const fibers = yield* Effect.forEach([...crowd, ...few], (one) => Effect.forkChild(commit([one])))
      yield* settle
      const [first] = batches
      assert.deepStrictEqual(
        new Set(first?.map((one) => one.tenant.organization)),
        new Set(["crowd", "few-1", "few-2", "few-3"])
      )
      while (fibers.some((fiber) => fiber.pollUnsafe() === undefined)) {
        yield* Effect.forEach(gates, open)
        yield* settle
      }
    })
  )
})

describe("an error", () => {
  it.effect("that may be one member's own is not that of its neighbours", () =>
    Effect.gen(function* () {
      const isBad = (batch: ReadonlyArray<Commit>) => (numbersOf(batch) ?? []).includes(2)
      const { batches, writer } = makeWriter({
        answer: (batch) =>
          isBad(batch) ? Effect.fail(broken("not_applied")) : Effect.succeed(batch.map(() => "committed"))
      })
      const commit = yield* makeGroupCommit(writer)
      const found = yield* Effect.forEach(range(1, 3), (n) => Effect.result(commit([commitOf(n)])), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        found.map(({ _tag }) => _tag),
        ["Success", "Failure", "Success"]
      )
      assert.deepStrictEqual(batches.map(numbersOf), [[1, 2, 3], [1], [2], [3]])
    })
  )

  it.effect("of the database is everybody's, and nothing is tried again", () =>
    Effect.gen(function* () {
      const { batches, writer } = makeWriter({ answer: () => Effect.fail(broken("unknown")) })
      const commit = yield* makeGroupCommit(writer)
      const errors = yield* Effect.forEach(range(1, 3), (n) => Effect.flip(commit([commitOf(n)])), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        errors.map(({ outcome }) => outcome),
        ["unknown", "unknown", "unknown"]
      )
      assert.strictEqual(batches.length, 1)
    })
  )

  it.effect(
    "of one of a caller's several members leaves the caller in doubt about them all, if another went through",
    () =>
      Effect.gen(function* () {
        const { writer } = makeWriter({
          answer: (batch) =>
            batch.length > 1 || numbersOf(batch)?.[0] === 2
              ? Effect.fail(broken("not_applied"))
              : Effect.succeed(["committed"])
        })
        const commit = yield* makeGroupCommit(writer)
        assert.strictEqual((yield* Effect.flip(commit([commitOf(1), commitOf(2)]))).outcome, "unknown")
      })
  )

  it.effect("that is a bug is everybody's, and the next commit is written", () =>
    Effect.gen(function* () {
      const { batches, writer } = makeWriter({
        answer: () => (batches.length === 1 ? Effect.die(new Error("a bug")) : Effect.succeed(["committed"]))
      })
      const commit = yield* makeGroupCommit(writer)
      assert.isTrue(Exit.hasDies(yield* Effect.exit(commit([commitOf(1)]))))
      assert.deepStrictEqual(yield* commit([commitOf(1)]), ["committed"])
    })
  )
})

describe("the queue", () => {
  it.effect("is bounded", () =>
    Effect.gen(function* () {
      const { gates, writer } = makeWriter({ gated: true })
      const commit = yield* makeGroupCommit(writer)
      const first = yield* Effect.forkChild(commit([commitOf(0)]))
      yield* settle
      const waiting = yield* Effect.forEach(range(1, 4_096), (n) => Effect.forkChild(commit([commitOf(n)])))
      yield* settle
      assert.strictEqual((yield* Effect.flip(commit([commitOf(5_000)]))).outcome, "not_applied")
      yield* open(gates[0])
      yield* Fiber.join(first)
      yield* Fiber.interruptAll(waiting)
    })
  )

  it.effect("is left after five seconds, unwritten", () =>
    Effect.gen(function* () {
      const { batches, gates, writer } = makeWriter({ gated: true })
      const commit = yield* makeGroupCommit(writer)
      const first = yield* Effect.forkChild(commit([commitOf(1)]))
      yield* settle
      const late = yield* Effect.forkChild(Effect.flip(commit([commitOf(2)])))
      yield* settle
      yield* TestClock.adjust("6 seconds")
      yield* open(gates[0])
      yield* Fiber.join(first)
      assert.strictEqual((yield* Fiber.join(late)).outcome, "not_applied")
      assert.deepStrictEqual(batches.map(numbersOf), [[1]])
    })
  )

  it.effect("is written with the others when one of them gave up and closes the store", () =>
    Effect.gen(function* () {
      const { batches, gates, writer } = makeWriter({ gated: true })
      const scope = yield* Scope.make()
      const commit = yield* Scope.provide(makeGroupCommit(writer), scope)
      const first = yield* Effect.forkChild(commit([commitOf(1)]))
      yield* settle
      const early = Effect.andThen(Effect.flip(commit([commitOf(2)])), Scope.close(scope, Exit.void))
      const closing = yield* Effect.forkChild(early)
      yield* settle
      yield* TestClock.adjust("4 seconds")
      const late = yield* Effect.forkChild(commit([commitOf(3)]))
      yield* settle
      yield* TestClock.adjust("1500 millis")
      yield* open(gates[0])
      yield* Fiber.join(first)
      yield* settle
      yield* open(gates[1])
      assert.deepStrictEqual(yield* Fiber.join(late), ["committed"])
      yield* Fiber.join(closing)
      assert.deepStrictEqual(batches.map(numbersOf), [[1], [3]])
    })
  )

  it.effect("is refused when the store closes, and what is being written is seen through", () =>
    Effect.gen(function* () {
      const { batches, gates, writer } = makeWriter({ gated: true })
      const scope = yield* Scope.make()
      const commit = yield* Scope.provide(makeGroupCommit(writer), scope)
      const first = yield* Effect.forkChild(commit([commitOf(1)]))
      yield* settle
      const late = yield* Effect.forkChild(Effect.flip(commit([commitOf(2)])))
      yield* settle
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* settle
      yield* open(gates[0])
      yield* Fiber.join(closing)
      assert.deepStrictEqual(yield* Fiber.join(first), ["committed"])
      assert.strictEqual((yield* Fiber.join(late)).outcome, "not_applied")
      assert.strictEqual((yield* Effect.flip(commit([commitOf(3)]))).outcome, "not_applied")
      assert.deepStrictEqual(batches.map(numbersOf), [[1]])
    })
  )
})

/**
 * Databases for the tests of one file under vitest, each with nothing in its tables: used by one test after the other, because
 * making one takes longer than most tests. They are on the server of `globalSetup`, and dropped when the file is done.
 */
import { Effect, Exit, Scope } from "effect"
import { afterAll } from "vitest"
import { execute } from "./Database.ts"
import { beDifficult, testDatabase } from "./Mode.ts"
import { serverUrl } from "./vitest.ts"

/** What a pool needs to know of the product. */
export interface PoolOptions {
  /** Makes the tables of a new database. */
  readonly migrate: (url: string) => Effect.Effect<void, unknown>
  /** The tables, to be emptied after each use. */
  readonly tables: ReadonlyArray<string>
}

/** The URL of a database that nobody else uses, for as long as the scope is open. Call it at the top of a test file. */
export const databasePool = ({ migrate, tables }: PoolOptions): Effect.Effect<string, never, Scope.Scope> => {
  const empty: Array<string> = []
  const made = Scope.makeUnsafe()
  afterAll(() => Effect.runPromise(Scope.close(made, Exit.void)))

  const make = Effect.gen(function* () {
    const url = yield* testDatabase(serverUrl())
    yield* migrate(url)
    yield* beDifficult(url, tables)
    return url
  }).pipe(Scope.provide(made))

  return Effect.acquireRelease(
    Effect.suspend(() => {
      const url = empty.pop()
      return url === undefined ? Effect.orDie(make) : Effect.succeed(url)
    }),
    (url) =>
      Effect.andThen(
        Effect.orDie(execute(url, [`TRUNCATE ${tables.join(", ")}`])),
        Effect.sync(() => empty.push(url))
      )
  )
}

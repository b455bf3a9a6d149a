/**
 * One PostgreSQL server for a run of vitest: name this module in `globalSetup`, and a test gets the server's URL by
 * `serverUrl` of `@holdfast/tool-postgres/vitest`. `TEST_DATABASE_URL` names another server to use, whose user may create databases.
 *
 * Nothing here is synced to the disk: what must survive a crash is tested on servers of its own (`startPostgres`).
 */
import { Effect, Exit, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { startPostgres } from "./Server.ts"

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const scope = Scope.makeUnsafe()
  const stop = () => Effect.runPromise(Scope.close(scope, Exit.void))
  try {
    const url = process.env["TEST_DATABASE_URL"] ?? (await Effect.runPromise(ownServer(scope)))
    project.provide("postgresUrl", url)
    return stop
  } catch (cause) {
    await stop()
    throw cause
  }
}

const ownServer = (scope: Scope.Scope): Effect.Effect<string, unknown> =>
  startPostgres({ fsync: false }).pipe(
    Effect.map(({ url }) => url),
    Scope.provide(scope)
  )

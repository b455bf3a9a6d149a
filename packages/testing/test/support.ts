/** How the tests of the services run: over every engine, on a store that can be told to misbehave, with a world of their own. */
import { SessionStore, Sessions } from "@holdfast/core"
import type { IdGenerator, Keyring, Session } from "@holdfast/core"
import { describe, it } from "@effect/vitest"
import { Faults, layerOver, makeCaller } from "@holdfast/testing"
import type { Services, Stores } from "@holdfast/testing"
import { Context, Effect, Fiber, Layer } from "effect"
import type { Scope } from "effect"
import { TestClock } from "effect/testing"
import { engines } from "./engines.ts"

type Body = () => Effect.Effect<unknown, unknown, Services | Faults.Faults | Scope.Scope>

/** Registers tests. `test` has a test clock, which starts at 1970; `live` has the clock of the machine. */
export interface EngineIt {
  readonly test: (name: string, body: Body) => void
  readonly live: (name: string, body: Body) => void
}

/** Registers a group of tests for every engine. Each test has a database of its own. */
export const overEngines = (title: string, tests: (it: EngineIt) => void): void => {
  describe.each(engines)(`${title}, over %s`, (_, stores) => {
    const layer = layerOver(Faults.layerFaulty(stores))
    tests({
      test: (name, body) => it.effect(name, () => Effect.provide(body(), layer)),
      live: (name, body) => it.live(name, () => Effect.provide(body(), layer))
    })
  })
}

/** What becomes of a fiber while the test clock runs, ten times as fast as the machine's, so that a store has time to answer. */
export const asTimePasses = <A, E>(fiber: Fiber.Fiber<A, E>): Effect.Effect<A, E> =>
  Effect.raceFirst(
    Fiber.join(fiber),
    Effect.forever(Effect.andThen(TestClock.withLive(Effect.sleep("1 millis")), TestClock.adjust("10 millis")))
  )

/** Who asks, in these tests. */
export const caller = makeCaller()

/** Another process on the same store: services of its own, which share nothing with the others but the data. */
export const anotherProcess = (
  options: { readonly keyring?: Layer.Layer<Keyring>; readonly ids?: Layer.Layer<IdGenerator> } = {}
): Effect.Effect<Context.Context<Services>, never, Stores | Scope.Scope> =>
  Effect.gen(function* () {
    const stores = yield* Effect.context<Stores>()
    return yield* Layer.build(Layer.fresh(layerOver(Layer.succeedContext(stores), options)))
  })

/** The sessions of another process. */
export const otherSessions: Effect.Effect<Sessions["Service"], never, Stores | Scope.Scope> = Effect.map(
  anotherProcess(),
  Context.get(Sessions)
)

/** A session of the caller's. */
export const create = Effect.fnUntraced(function* (metadata: Session["metadata"] = {}) {
  const { session } = yield* (yield* Sessions).create(caller, { input: { metadata } })
  return session
})

/** What was written about a session. */
export const historyOf = Effect.fnUntraced(function* (session: Pick<Session, "id">) {
  return yield* (yield* SessionStore).history(caller, session.id)
})

/** What a call is refused with, as `Tag code`. */
export const refusal = <A, E extends { readonly _tag: string; readonly code: string }, R>(
  call: Effect.Effect<A, E, R>
): Effect.Effect<string, A, R> => Effect.map(Effect.flip(call), ({ _tag, code }) => `${_tag} ${code}`)

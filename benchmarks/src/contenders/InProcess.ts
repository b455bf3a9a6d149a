/** `Sessions.update` in the process of its caller: Holdfast as a library, with no HTTP around it. */
import { ApiKeys, callerFor, Sessions } from "@holdfast/core"
import type { Caller } from "@holdfast/core"
import { Cause, Effect, Exit, ManagedRuntime } from "effect"
import { layerHoldfast } from "../Holdfast.ts"
import { keyOf, organizationName, updateOf } from "../Job.ts"
import { drive } from "../load/Driver.ts"
import type { Outcome } from "../load/Client.ts"
import { verify } from "../load/Verify.ts"

drive(async (place) => {
  const runtime = ManagedRuntime.make(layerHoldfast(place))
  const { callers, sessions } = await runtime.runPromise(
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const names = Array.from({ length: place.dataset.organizations }, (_, at) => organizationName(at))
      const callers = yield* Effect.forEach(names, (name) =>
        Effect.map(keys.ensureOrganization(name), ({ organization }) =>
          callerFor(organization, "live", { requestId: "req_in_process" })
        )
      )
      return { callers, sessions: yield* Sessions }
    })
  )
  const fork = Effect.runForkWith(await runtime.context())

  const ask = (number: number, keyNumber: number) => {
    const { organization, patch, session } = updateOf(number, place.run, place.dataset)
    return sessions.update(callers[organization] as Caller, {
      id: session,
      input: { metadata: patch },
      idempotencyKey: keyOf(keyNumber, place.run)
    })
  }

  const read = (asked: ReturnType<typeof ask>): Effect.Effect<Outcome> =>
    Effect.match(asked, {
      onSuccess: ({ replayed, session: { id, metadata, revision } }): Outcome => ({
        applied: true,
        session: id,
        revision,
        metadata,
        replayed
      }),
      onFailure: (error): Outcome => ({ applied: false, code: "code" in error ? error.code : "unavailable" })
    })

  return {
    prepare: async () => {},
    send: (number, replayed, done) => {
      // An update that needs no wait would be over before `fork` returns.
      fork(Effect.andThen(Effect.yieldNow, read(ask(number, number)))).addObserver((exit) => {
        if (Exit.isFailure(exit)) return done(Cause.pretty(exit.cause))
        const outcome = exit.value
        if (number % 1_000 === 0)
          return done(verify(outcome, updateOf(number, place.run, place.dataset), replayed, place.dataset))
        done(outcome.applied && outcome.replayed === replayed ? null : JSON.stringify(outcome))
      })
    },
    once: (number, keyNumber) => runtime.runPromise(read(ask(number, keyNumber))),
    close: () => runtime.dispose()
  }
})

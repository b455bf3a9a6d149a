/**
 * The bridge from resolvers to Effect. An effect is started at once and, where it never suspends, answered at once; what comes
 * out of it is what GraphQL may show. When the client goes away it is interrupted.
 */
import { logDefect, Unavailable } from "@holdfast/core"
import type { HoldfastError } from "@holdfast/core"
import { Cause, Context, Effect, Exit, References } from "effect"
import type { HttpRequest } from "../Context.ts"
import { errorTable, toGraphQLError } from "../ErrorMapping.ts"
import type { MaybePromise } from "../MaybePromise.ts"
import { internalError } from "./Defect.ts"

/** The request that an effect is run for. */
interface Running {
  readonly requestId: string
  /** Its signal interrupts the effect. */
  readonly request?: Pick<HttpRequest, "signal">
}

/** Runs effects for requests. */
export type Runner = <A, E>(effect: Effect.Effect<A, E>, running: Running) => MaybePromise<A>

/** A runner of effects in this context: its loggers, tracer and clock. */
export const makeRunner = (services: Context.Context<never>): Runner => {
  const fork = Effect.runForkWith(services)

  const rejection = (cause: Cause.Cause<unknown>, { request, requestId }: Running): unknown => {
    const failure = cause.reasons.find(Cause.isFailReason)?.error
    if (failure !== undefined && isHoldfastError(failure)) return toGraphQLError(failure)
    if (Cause.hasInterruptsOnly(cause)) {
      // Nobody reads the answer of a request that was called off; one that was not may be sent again.
      return request?.signal.aborted ? request.signal.reason : toGraphQLError(new Unavailable({ retryAfter: 1 }))
    }
    fork(logDefect(Cause.squash(cause), requestId))
    return internalError()
  }

  return <A, E>(effect: Effect.Effect<A, E>, running: Running): MaybePromise<A> => {
    const annotations = { ...Context.get(services, References.CurrentLogAnnotations), requestId: running.requestId }
    const fiber = Effect.runForkWith(Context.add(services, References.CurrentLogAnnotations, annotations))(effect)
    const exit = fiber.pollUnsafe()
    if (exit === undefined) {
      const signal = running.request?.signal
      const interrupt = () => fiber.interruptUnsafe()
      if (signal?.aborted) interrupt()
      signal?.addEventListener("abort", interrupt, { once: true })
      return new Promise<A>((resolve, reject) => {
        fiber.addObserver((exit) => {
          signal?.removeEventListener("abort", interrupt)
          if (Exit.isSuccess(exit)) resolve(exit.value)
          else reject(rejection(exit.cause, running))
        })
      })
    }
    if (Exit.isSuccess(exit)) return exit.value
    throw rejection(exit.cause, running)
  }
}

const isHoldfastError = (error: unknown): error is HoldfastError =>
  typeof error === "object" && error !== null && "_tag" in error && Object.hasOwn(errorTable, String(error._tag))

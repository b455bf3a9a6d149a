/**
 * The bridge from resolvers to Effect. An effect is started at once and, where it never suspends, answered at once; what comes
 * out of it is what GraphQL may show. When the client goes away it is interrupted.
 */
import { logDefect, Unavailable } from "@holdfast/core"
import type { HoldfastError } from "@holdfast/core"
import { Cause, Effect, Exit } from "effect"
import type { Context } from "effect"
import { errorTable, toGraphQLError } from "../ErrorMapping.ts"
import type { MaybePromise } from "../MaybePromise.ts"
import { internalError } from "./Defect.ts"

/** The request that an effect is run for. */
interface Request {
  readonly requestId: string
  /** Interrupts the effect. */
  readonly signal?: AbortSignal
}

/** Runs effects for requests. */
export type Runner = <A, E>(effect: Effect.Effect<A, E>, request: Request) => MaybePromise<A>

/** A runner of effects in this context: its loggers, tracer and clock. */
export const makeRunner = (services: Context.Context<never>): Runner => {
  const fork = Effect.runForkWith(services)
  return (effect, request) => {
    const rejection = (cause: Cause.Cause<unknown>): unknown => {
      const failure = cause.reasons.find(Cause.isFailReason)?.error
      if (failure !== undefined && isHoldfastError(failure)) return toGraphQLError(failure)
      if (Cause.hasInterruptsOnly(cause)) {
        // Nobody reads the answer of a request that was called off; one that was not may be sent again.
        return request.signal?.aborted ? request.signal.reason : toGraphQLError(new Unavailable({ retryAfter: 1 }))
      }
      fork(logDefect(Cause.squash(cause), request.requestId))
      return internalError()
    }
    const { requestId, signal } = request
    const fiber = fork(Effect.annotateLogs(effect, "requestId", requestId), { signal })
    const exit = fiber.pollUnsafe()
    if (exit === undefined) {
      return new Promise((resolve, reject) => {
        fiber.addObserver((exit) => (Exit.isSuccess(exit) ? resolve(exit.value) : reject(rejection(exit.cause))))
      })
    }
    if (Exit.isSuccess(exit)) return exit.value
    throw rejection(exit.cause)
  }
}

const isHoldfastError = (error: unknown): error is HoldfastError =>
  typeof error === "object" && error !== null && "_tag" in error && Object.hasOwn(errorTable, String(error._tag))

/**
 * Recorder: writes down what clients ask of {@link Sessions} and are answered, as a {@link History} that can be checked.
 *
 * Its clock never stands still: of two things that it sees, the later has the later time, also within one millisecond. So it
 * knows that a request was sent behind an answer whenever it was.
 */
import type { Caller, ChangeError, NotFound, Outcome, Session, Sessions } from "@holdfast/core"
import { Cause, Clock, Effect, Exit, Option } from "effect"
import type { Answer, Call, Json, SeenSession } from "./History.ts"

/** Records the calls of any number of clients. */
export interface Recorder {
  /** The same sessions, whose creations, updates and redactions are recorded. Reads are not: they are not in a history. */
  readonly recording: (sessions: Sessions["Service"]) => Sessions["Service"]
  /** Every call so far, in the order in which they were sent. One that is still under way has no answer: it is `unknown`. */
  readonly calls: Effect.Effect<ReadonlyArray<Call>>
}

type Request = Pick<Call, "operation" | "session" | "key" | "input">

const noAnswer: Answer = { type: "unknown", reason: "no answer" }

/** What a history keeps of a session. */
export const seen = ({ externalRef, id, metadata, retentionStatus, revision }: Session): SeenSession => ({
  id,
  revision,
  retentionStatus: retentionStatus === "redacted" ? "redacted" : "active",
  externalRef,
  metadata
})

const answerOf = (exit: Exit.Exit<Outcome, ChangeError | NotFound>): Answer => {
  if (Exit.isSuccess(exit)) return { type: "ok", replayed: exit.value.replayed, session: seen(exit.value.session) }
  const error = Cause.findErrorOption(exit.cause)
  if (Option.isNone(error)) return noAnswer
  // It may have been applied: the retry tells.
  return error.value._tag === "Unavailable" || error.value.code === "idempotency_key_in_use"
    ? { type: "unknown", reason: error.value.code }
    : { type: "failed", code: error.value.code }
}

/**
 * A recorder with nothing recorded.
 *
 * @example
 * const recorder = yield* makeRecorder
 * const sessions = recorder.recording(yield* Sessions)
 * // … clients that create, update, redact …
 * const calls = yield* recorder.calls
 * const violations = check({ calls, final: yield* finalState(calls) })
 */
export const makeRecorder: Effect.Effect<Recorder> = Effect.sync(() => {
  const calls: Array<Call> = []
  let latest = 0
  const tick = Effect.map(Clock.currentTimeMillis, (now) => (latest = Math.max(now, latest + 0.001)))

  const record = <A extends Outcome, E extends ChangeError | NotFound>(
    { environment, organization }: Caller,
    request: Request,
    call: Effect.Effect<A, E>
  ): Effect.Effect<A, E> =>
    Effect.flatMap(tick, (sent) => {
      const id = calls.length
      const asked = { id, organization, environment, sent, answered: null, ...request, answer: noAnswer }
      calls.push(asked)
      return Effect.onExit(call, (exit) =>
        Effect.map(tick, (answered) => {
          const answer = answerOf(exit)
          calls[id] = { ...asked, answered: answer === noAnswer ? null : answered, answer }
        })
      )
    })

  return {
    calls: Effect.sync(() => [...calls]),
    recording: (sessions) => ({
      ...sessions,
      create: (caller, request) =>
        record(
          caller,
          {
            operation: "createSession",
            session: null,
            key: request.idempotencyKey ?? null,
            input: asSent(request.input ?? {})
          },
          sessions.create(caller, request)
        ),
      update: (caller, request) =>
        record(
          caller,
          {
            operation: "updateSession",
            session: request.id,
            key: request.idempotencyKey ?? null,
            input: asSent(request.input)
          },
          sessions.update(caller, request)
        ),
      redact: (caller, request) =>
        record(
          caller,
          {
            operation: "redactSession",
            session: request.id,
            key: request.idempotencyKey ?? null,
            input: asSent({ expectedRevision: request.expectedRevision })
          },
          sessions.redact(caller, request)
        )
    })
  }
})

/** The input on the wire: a copy, without what is `undefined`. */
const asSent = (input: object): { readonly [name: string]: Json } =>
  JSON.parse(JSON.stringify(input)) as { readonly [name: string]: Json }

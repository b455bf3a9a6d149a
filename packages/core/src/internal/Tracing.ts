/** Spans on the path of every request: made where somebody traces, and not paid for where nobody does. */
import { Effect, Tracer } from "effect"

/** The work in a span of that name, unless the tracer is the one that Effect has when none is installed. */
export const inSpan = <A, E>(name: string, work: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(Effect.tracer, (tracer) => (tracer === Tracer.nativeTracer ? work : Effect.withSpan(work, name)))

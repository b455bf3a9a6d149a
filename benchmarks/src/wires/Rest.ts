/** The job over REST. */
import type { Wire } from "./Wire.ts"

type Answer =
  | { readonly id: string; readonly revision: number; readonly metadata: Record<string, unknown> }
  | { readonly error: string }

export const rest: Wire = {
  method: "PATCH",
  path: ({ session }) => `/sessions/${session}`,
  body: ({ patch }) => ({ metadata: patch }),
  freshMark: "Idempotent-Replayed: false",
  replayMark: "Idempotent-Replayed: true",
  read: ({ body, head }) => {
    const answer = body as Answer
    if ("error" in answer) return { applied: false, code: answer.error }
    const { id, metadata, revision } = answer
    return { applied: true, session: id, revision, metadata, replayed: head.includes(rest.replayMark) }
  }
}

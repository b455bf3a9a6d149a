/**
 * Outcomes: what an operation answers, and how the first one is kept for the retries of its request (contract §6).
 *
 * The outcome is kept, not the answer: a retry may ask for another shape. It holds no secret; a capture URL is rendered again
 * from the generation that the session had.
 */
import { isPlainObject } from "../domain/Json.ts"
import type { Session } from "../domain/Session.ts"
import { parseStored, sessionOfJson, sessionText } from "../domain/SessionText.ts"
import type { ExtraCodec } from "../operations/Operation.ts"

/** How the outcomes of one operation are written into a record and read back. */
export interface OutcomeCodec<Extra> {
  readonly encode: (outcome: { readonly session: Session; readonly extra: Extra }) => string
  readonly decode: (text: string) => { readonly session: Session; readonly extra: Extra }
}

/** The codec for outcomes with these extras. */
export const outcomeCodec = <Extra>(extras: ExtraCodec<Extra>): OutcomeCodec<Extra> => ({
  encode: ({ extra, session }) => `{"session":${sessionText.write(session)},"extra":${extras.write(extra)}}`,
  decode: (text) => {
    const outcome = parseStored(text)
    if (!isPlainObject(outcome)) throw new Error("The stored outcome cannot be read")
    return { session: sessionOfJson(outcome["session"]), extra: extras.read(outcome["extra"]) }
  }
})

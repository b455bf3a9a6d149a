/**
 * Outcomes: what an operation answers, and how the first one is kept for the retries of its request (contract §6).
 *
 * The outcome is kept, not the answer: a retry may ask for another shape. It holds no secret; a capture URL is rendered again
 * from the generation that the session had.
 */
import { Schema } from "effect"
import { isPlainObject } from "../domain/Json.ts"
import type { Session } from "../domain/Session.ts"
import { parseStored, sessionOfJson, sessionText } from "../domain/SessionText.ts"

/** How the outcomes of one operation are written into a record and read back. */
export interface OutcomeCodec<Extra> {
  readonly encode: (outcome: { readonly session: Session; readonly extra: Extra }) => string
  readonly decode: (text: string) => { readonly session: Session; readonly extra: Extra }
}

/** The codec for outcomes with these extras. Make it once per operation, not once per request. */
export const outcomeCodec = <Extra>(extra: Schema.Codec<Extra, unknown>): OutcomeCodec<Extra> => {
  const json = Schema.toCodecJson(extra)
  const writeExtra = Schema.encodeSync(Schema.fromJsonString(json))
  const readExtra = Schema.decodeUnknownSync(json)
  return {
    encode: ({ extra, session }) => `{"session":${sessionText.write(session)},"extra":${writeExtra(extra)}}`,
    decode: (text) => {
      const outcome = parseStored(text)
      if (!isPlainObject(outcome)) throw new Error("The stored outcome cannot be read")
      return { session: sessionOfJson(outcome["session"]), extra: readExtra(outcome["extra"]) }
    }
  }
}

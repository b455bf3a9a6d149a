/**
 * Stored texts: a session and an API key as the one JSON text that databases keep of them, in the order their owner gave it.
 *
 * What cannot be read or written is an error that does not say what it was, because it would be personal.
 */
import { Option, Schema } from "effect"
import { StoredApiKey } from "../domain/ApiKey.ts"
import { Session } from "../domain/Session.ts"

const jsonText = <T extends object>(name: string, schema: Schema.Codec<T, unknown>) => {
  const text = Schema.fromJsonString(Schema.toCodecJson(schema))
  const [decode, encode] = [Schema.decodeOption(text), Schema.encodeOption(text)]
  const orThrow = <A>(found: Option.Option<A>, verb: string) =>
    Option.getOrThrowWith(found, () => new Error(`The stored ${name} cannot be ${verb}`))
  return {
    read: (stored: string): T => orThrow(decode(stored), "read"),
    write: (value: T): string => orThrow(encode(value), "written")
  }
}

const ofSession = jsonText("session", Session)

/** A session is written twice, into its row and into the outcome of the change. Sessions are never changed in place. */
const written = new WeakMap<Session, string>()

/** A whole session as JSON text. Both directions throw on what is no session. */
export const sessionText = {
  read: ofSession.read,
  write: (session: Session): string => {
    let text = written.get(session)
    if (text === undefined) written.set(session, (text = ofSession.write(session)))
    return text
  }
}

/** A whole API key as JSON text, hashes included. Both directions throw on what is no key. */
export const apiKeyText = jsonText("API key", StoredApiKey)

/**
 * An API key as the one JSON text that databases keep of it. What cannot be read or written is an error that does not say what it
 * was.
 */
import { Option, Schema } from "effect"
import { StoredApiKey } from "../domain/ApiKey.ts"

const text = Schema.fromJsonString(Schema.toCodecJson(StoredApiKey))
const [decode, encode] = [Schema.decodeOption(text), Schema.encodeOption(text)]
const orThrow = <A>(found: Option.Option<A>, verb: string) =>
  Option.getOrThrowWith(found, () => new Error(`The stored API key cannot be ${verb}`))

/** A whole API key as JSON text, hashes included. Both directions throw on what is no key. */
export const apiKeyText = {
  read: (stored: string): StoredApiKey => orThrow(decode(stored), "read"),
  write: (key: StoredApiKey): string => orThrow(encode(key), "written")
}

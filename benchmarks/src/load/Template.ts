/**
 * A request that is written once and filled in for each update: its bytes, and where in them the number, the session and the
 * API key stand. To send one costs a copy of a few bytes, so that the load takes far less of a processor than what it loads.
 */
import { keyOf, patchOf, sessionId, targetOf } from "../Job.ts"
import type { Wire } from "../wires/Wire.ts"
import type { Place } from "./Client.ts"

/** Makes requests. */
export interface Template {
  /** Bytes for one connection, to be filled in again and again. */
  readonly make: () => Buffer
  /** Writes an update into the bytes, under the key of another update where one is given. */
  readonly fill: (bytes: Buffer, number: number, keyNumber?: number) => void
}

/** The template of a wire. */
export const makeTemplate = (wire: Wire, { apiKeys, dataset, port, run }: Place): Template => {
  // Nothing else in a request looks like these.
  const [number, keyNumber, session] = ["111111111111", "222222222222", "~".repeat(sessionId(0).length)] as const
  const apiKey = "^".repeat(apiKeys[0]?.length ?? 0)
  const key = keyOf(Number(keyNumber), run)
  const asked = { session, key, apiKey, patch: patchOf(Number(number)) }
  const body = JSON.stringify(wire.body(asked))
  const head = {
    host: `127.0.0.1:${port}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "x-api-key": apiKey,
    "idempotency-key": key,
    ...wire.headers
  }
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`)
  const text = Buffer.from(`${wire.method} ${wire.path(asked)} HTTP/1.1\r\n${lines.join("")}\r\n${body}`)
  const at = {
    number: places(text, number),
    key: places(text, keyNumber),
    session: places(text, session),
    apiKey: apiKey === "" ? [] : places(text, apiKey)
  }
  const sessions = Buffer.from(Array.from({ length: dataset.sessions }, (_, index) => sessionId(index)).join(""))
  const keys = apiKeys.map((text) => Buffer.from(text))
  const width = session.length

  return {
    make: () => Buffer.from(text),
    fill: (bytes, number, keyNumber = number) => {
      const { index, organization } = targetOf(number, dataset)
      for (const offset of at.number) writeNumber(bytes, offset, number)
      for (const offset of at.key) writeNumber(bytes, offset, keyNumber)
      for (const offset of at.session) sessions.copy(bytes, offset, index * width, (index + 1) * width)
      for (const offset of at.apiKey) keys[organization]?.copy(bytes, offset)
    }
  }
}

const places = (text: Buffer, part: string): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found.push(at)
  if (found.length === 0) throw new Error("A request lacks what an update has to say")
  return found
}

const writeNumber = (bytes: Buffer, offset: number, number: number): void => {
  for (let rest = number, at = offset + 11; at >= offset; at--, rest = Math.floor(rest / 10))
    bytes[at] = 48 + (rest % 10)
}

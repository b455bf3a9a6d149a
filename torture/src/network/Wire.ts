/**
 * Wire: the messages of PostgreSQL's protocol (version 3), as far as a proxy has to understand them. A message is a letter,
 * a length that counts itself, and a body; only the first ones of a client have no letter.
 */

/** A message. */
export interface Message {
  /** The letter; `""` for the first messages of a client. */
  readonly type: string
  /** All of it, as it came. */
  readonly bytes: Buffer
}

/** A client's question whether the connection may be encrypted. */
export const isEncryptionRequest = ({ bytes, type }: Message): boolean =>
  type === "" && bytes.length === 8 && [80877103, 80877104].includes(bytes.readInt32BE(4))

/** Cuts a stream of bytes into messages. A client's begins with messages that have no letter. */
export const makeSplitter = (side: "client" | "server"): ((chunk: Buffer) => ReadonlyArray<Message>) => {
  let rest: Buffer = Buffer.alloc(0)
  let isStarting = side === "client"
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const messages: Array<Message> = []
    while (true) {
      const letters = isStarting ? 0 : 1
      if (rest.length < letters + 4) return messages
      const length = letters + rest.readInt32BE(letters)
      if (rest.length < length) return messages
      const message = { type: rest.toString("latin1", 0, letters), bytes: rest.subarray(0, length) }
      messages.push(message)
      rest = rest.subarray(length)
      if (isStarting) isStarting = isEncryptionRequest(message)
    }
  }
}

/** The texts in the body of a message, up to `count` of them. Each ends with a zero byte. */
export const texts = ({ bytes }: Message, count: number): ReadonlyArray<string> =>
  bytes.toString("utf8", 5).split("\0", count)

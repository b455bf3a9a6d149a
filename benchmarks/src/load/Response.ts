/** An HTTP response in bytes: just enough of it is read to know that it is complete, and the rest when somebody asks. */

/** A complete response. */
export interface Response {
  readonly status: number
  /** Head and body as they came. */
  readonly bytes: Buffer
  /** The body as JSON, and the head. */
  readonly read: () => { readonly head: string; readonly body: unknown }
}

/** The response that these bytes are, or `null` while some are missing. */
export const readResponse = (bytes: Buffer): Response | null => {
  const end = bytes.indexOf("\r\n\r\n")
  if (end < 0) return null
  const head = bytes.toString("latin1", 0, end)
  const status = Number(head.slice(9, 12))
  const body = end + 4
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)
  if (length !== null) {
    if (bytes.length < body + Number(length[1])) return null
    return { status, bytes, read: () => ({ head, body: JSON.parse(bytes.toString("utf8", body)) }) }
  }
  if (bytes.toString("latin1", bytes.length - 5) !== "0\r\n\r\n") return null
  return { status, bytes, read: () => ({ head, body: JSON.parse(unchunk(bytes.subarray(body))) }) }
}

/** The text of a body that came in chunks: a length in hexadecimal, a line break, so many bytes, a line break, and again. */
const unchunk = (bytes: Buffer): string => {
  const parts: Array<Buffer> = []
  for (let at = 0; ;) {
    const line = bytes.indexOf("\r\n", at)
    const length = Number.parseInt(bytes.toString("latin1", at, line), 16)
    if (!(length > 0)) return Buffer.concat(parts).toString()
    parts.push(bytes.subarray(line + 2, line + 2 + length))
    at = line + 4 + length
  }
}

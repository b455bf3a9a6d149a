/** The body of a request: at most 1 MB of JSON in UTF-8, read and parsed before anybody asks who sent it (contract §4). */
import { ByteSize, Effect } from "effect"
import { BadRequest, parseJson } from "@holdfast/core"
import { HttpIncomingMessage } from "effect/http"
import type { HttpServerError, HttpServerRequest } from "effect/http"
import { ProtocolError } from "./ErrorMapping.ts"

/** The largest body that is read, in bytes. */
const maxBodyBytes = 1_048_576

const tooLarge = new ProtocolError({
  status: 413,
  code: "payload_too_large",
  message: `The body is larger than ${maxBodyBytes} bytes`
})

const notJson = new ProtocolError({
  status: 415,
  code: "malformed_request",
  message: "Send the body as application/json in UTF-8"
})

/** The parsed body; `undefined` if there is none, where it is optional. */
export const readBody = (
  request: HttpServerRequest.HttpServerRequest,
  optional: boolean
): Effect.Effect<unknown, BadRequest | ProtocolError> =>
  Effect.gen(function* () {
    const { "content-encoding": encoding, "content-length": length, "content-type": type } = request.headers
    if ((type !== undefined && !isJson(type)) || !/^\s*identity\s*$/i.test(encoding ?? "identity"))
      return yield* notJson
    if (Number(length) > maxBodyBytes) return yield* tooLarge
    const bytes = yield* request.arrayBuffer.pipe(
      Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxBodyBytes)),
      Effect.mapError(notRead)
    )
    if (bytes.byteLength === 0 && optional) return undefined
    if (type === undefined && bytes.byteLength > 0) return yield* notJson
    const text = yield* Effect.try({
      try: () => utf8.decode(bytes),
      catch: () => BadRequest.malformed("The body is not UTF-8")
    })
    return yield* Effect.fromResult(parseJson(text))
  })

const utf8 = new TextDecoder("utf-8", { fatal: true })

const isJson = (contentType: string): boolean =>
  /^\s*application\/json\s*(;|$)/i.test(contentType) &&
  /^utf-?8$/i.test(/;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? "utf-8")

const notRead = ({ reason }: HttpServerError.HttpServerError): BadRequest | ProtocolError =>
  reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
    ? tooLarge
    : BadRequest.malformed("The body could not be read")

/**
 * The usual request, answered without Yoga's adapter: a POST of JSON to the endpoint, of a length that is known and not too
 * large, from a client that takes JSON first of all. Everything else is Yoga's.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { RequestState } from "../plugins/RequestState.ts"
import { remember } from "../Remember.ts"
import type { Pipeline } from "./Pipeline.ts"
import { PlainRequest } from "./PlainRequest.ts"

/** What plain requests are answered with. */
export interface PlainPostOptions {
  readonly pipeline: Pipeline
  readonly endpoint: string
  readonly maxBodyBytes: number
  /** Told of an error that no plugin should let through; the answer is a 500. */
  readonly onDefect: (error: unknown, request: IncomingMessage) => void
}

/** Answers a request if it is a plain one, and says whether it is. */
export const makePlainPost = ({ endpoint, maxBodyBytes, onDefect, pipeline }: PlainPostOptions) => {
  const answer = async (request: IncomingMessage, response: ServerResponse, mediaType: string) => {
    const body = await read(request)
    if (body === null) return
    const plain = new PlainRequest(request, response, body)
    const { headers, status, text } = await pipeline(plain, { req: request } as RequestState, mediaType)
    if (response.destroyed) return
    const lines: Array<string> = []
    headers.forEach((value, name) => lines.push(name, value))
    response.writeHead(status, lines)
    // In one write with the headers.
    response.end(text)
  }

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { headers, method, url } = request
    if (method !== "POST" || url !== endpoint || isTouched(request)) return false
    const mediaType = answerType(headers.accept ?? "*/*")
    if (mediaType === null || !(Number(headers["content-length"]) <= maxBodyBytes)) return false
    answer(request, response, mediaType).catch((error: unknown) => {
      onDefect(error, request)
      if (response.headersSent || response.destroyed) response.destroy()
      else response.writeHead(500).end()
    })
    return true
  }
}

/** Whether a framework read the body, and left it there or not, or has it decoded. */
const isTouched = (request: IncomingMessage): boolean =>
  "body" in request || request.readableEnded || request.readableEncoding !== null

/** The whole body, or `null` if the client went away before its end. */
const read = (request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | null> =>
  new Promise((resolve) => {
    const chunks: Array<Buffer<ArrayBuffer>> = []
    request.on("data", (chunk: Buffer<ArrayBuffer>) => chunks.push(chunk))
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    request.on("error", () => resolve(null))
  })

const json = "application/json"
const answerTypes = new Map([
  ["application/graphql-response+json", "application/graphql-response+json"],
  [json, json],
  ["application/*", json],
  ["*/*", json]
])

/** The media type that Yoga would answer with: the first that is accepted, if that is one of JSON in UTF-8, else `null`. */
const answerType = remember((accept) => {
  const [first = "", ...parameters] = (accept.split(",", 1)[0] ?? "").split(";")
  if (parameters.some((parameter) => parameter.includes("charset"))) return null
  return answerTypes.get(first.trim().toLowerCase()) ?? null
})

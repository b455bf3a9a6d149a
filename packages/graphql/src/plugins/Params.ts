/**
 * From the HTTP request to GraphQL's parameters: reads the body, but never more of it than is allowed, and makes sure of its
 * shape. It takes the place of Yoga's own parsers, whose errors repeat what was sent.
 */
import { parseJson } from "@holdfast/core"
import { Result } from "effect"
import type { GraphQLParams } from "graphql-yoga"
import type { HttpRequest } from "../Context.ts"
import { refusal, refusalOf } from "./Refusal.ts"
import type { Plugin } from "./RequestState.ts"

/**
 * Reads the parameters of a POST from its JSON body, and those of a GET from the query string. A body of more than
 * `maxBodyBytes` is answered 413, by its `Content-Length` where there is one, else as soon as that many bytes were read.
 */
export const useParams = ({ maxBodyBytes }: { readonly maxBodyBytes: number }): Plugin => ({
  onRequestParse({ request, setRequestParser }) {
    if (request.method === "GET") setRequestParser(({ url }) => paramsOfQueryString(url))
    if (request.method !== "POST") return
    const length = Number(request.headers.get("content-length") ?? Number.NaN)
    if (length > maxBodyBytes) throw tooLarge(maxBodyBytes)
    setRequestParser(async (request) => {
      // Node reads no more than the length that was announced; without one the bytes have to be counted.
      const bytes = Number.isNaN(length) ? await readAtMost(request, maxBodyBytes) : await request.bytes()
      return paramsOf(read(decodeText(bytes), "The body"))
    })
  }
})

const malformed = (message: string) => refusal("MALFORMED_REQUEST", message, { status: 400 })

const tooLarge = (limit: number) =>
  refusal("PAYLOAD_TOO_LARGE", `The body is larger than ${limit} bytes`, {
    status: 413,
    // What is still on its way would have to be read to use the connection again.
    headers: { connection: "close" }
  })

const readAtMost = async (request: HttpRequest, limit: number): Promise<Uint8Array> => {
  // Not `for await`: leaving the loop would destroy the socket before it has carried the answer.
  const reader = request.body?.getReader()
  const chunks: Array<Uint8Array> = []
  for (let size = 0; ;) {
    const chunk = await reader?.read()
    if (chunk?.value === undefined) return Buffer.concat(chunks)
    size += chunk.value.byteLength
    if (size > limit) throw tooLarge(limit)
    chunks.push(chunk.value)
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true })

const decodeText = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformed("The body is not UTF-8")
  }
}

const read = (text: string, what: string): unknown => {
  const value = parseJson(text, what)
  if (Result.isFailure(value)) throw refusalOf(value.failure)
  return value.success
}

const paramsOfQueryString = (url: string): GraphQLParams => {
  const { searchParams: query } = new URL(url)
  const json = (name: string) => {
    const text = query.get(name)
    return text ? read(text, `The parameter ${name}`) : null
  }
  return paramsOf({
    query: query.get("query"),
    operationName: query.get("operationName"),
    variables: json("variables"),
    extensions: json("extensions")
  })
}

const names = ["query", "operationName", "variables", "extensions"]

const paramsOf = (given: unknown): GraphQLParams => {
  if (!isRecord(given)) throw malformed("The request is a JSON object; several in one array are not taken")
  if (!Object.keys(given).every((name) => names.includes(name) || given[name] == null)) {
    throw malformed(`The request has these parameters and no other: ${names.join(", ")}`)
  }
  const { extensions, operationName, query, variables } = given
  if (typeof query !== "string") throw malformed("The parameter query must be a string: the GraphQL document")
  if (operationName != null && typeof operationName !== "string") {
    throw malformed("The parameter operationName must be a string")
  }
  if (variables != null && !isRecord(variables)) throw malformed("The parameter variables must be an object")
  if (extensions != null && !isRecord(extensions)) throw malformed("The parameter extensions must be an object")
  return { query, ...(operationName && { operationName }), ...(variables != null && { variables }) }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * What the OpenAPI document says beyond the schemas: the headers of answers, the descriptions of parameters where tools look
 * for them, numbers in the query, and the answer that has no body. Everything else comes from the definition itself.
 */
import type { OpenApi } from "effect/http-api"

type Operation = OpenApi.OpenAPISpecOperation
type Parameter = Operation["parameters"][number]

const text = (description: string, example: string) => ({
  description,
  schema: { type: "string", examples: [example] }
})

/** The headers of answers. */
const headers = {
  "X-Request-Id": text(
    "Identifier of the request: the one that was sent in this header, or a new one.",
    "req_01kb0f3m9s0a1b2c3d4e5f6g7h"
  ),
  "Verifa-Version": text("The version that was spoken.", "2026-02-01"),
  Deprecation: text("Since when the version is deprecated (RFC 9745).", "@1767225600"),
  Sunset: text("When the version will be retired (RFC 8594).", "Thu, 31 Dec 2026 00:00:00 GMT"),
  ETag: text("The session's revision, in the shape of this answer.", '"3"'),
  Location: text("Path of the new session.", "/api/v1/sessions/ses_01kb0f3m9s8x7w6v5t4r3q2p1n"),
  "Idempotent-Replayed": text("`true` where this is the outcome of an earlier request with the same key.", "true"),
  "Retry-After": text("Seconds to wait.", "30"),
  "WWW-Authenticate": text("How to authenticate.", 'ApiKey realm="holdfast"')
}

type Header = keyof typeof headers

/** Which of them an answer can have beside `X-Request-Id`. */
const headersOf = (operation: string, status: string): ReadonlyArray<Header> => {
  switch (status) {
    case "401":
      return ["WWW-Authenticate"]
    case "429":
    case "503":
      return ["Retry-After"]
    case "200":
    case "201":
    case "304": {
      const versioned: ReadonlyArray<Header> = ["Verifa-Version", "Deprecation", "Sunset"]
      return [
        ...versioned,
        ...(/\.(?:create|get|update)$/.test(operation) ? (["ETag"] as const) : []),
        ...(/\.(?:create|update|redact)$/.test(operation) ? (["Idempotent-Replayed"] as const) : []),
        ...(status === "201" ? (["Location"] as const) : [])
      ]
    }
    default:
      return []
  }
}

const references = (names: ReadonlyArray<Header>) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

const numbers: Record<string, object> = {
  limit: { type: "integer", minimum: 1, maximum: 100, default: 50 },
  offset: { type: "integer", minimum: 0, maximum: 2_147_483_647, default: 0 }
}

const described: Record<string, string> = {
  limit: "Size of the page.",
  offset: "Sessions to pass over."
}

const properName = (name: string) => name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase())

const describeParameter = (parameter: Parameter): object => {
  const { description = described[parameter.name], ...schema } = parameter.schema as { readonly description?: string }
  const isNumber = parameter.in === "query" && Object.hasOwn(numbers, parameter.name)
  return {
    name: parameter.in === "header" ? properName(parameter.name) : parameter.name,
    in: parameter.in,
    required: parameter.required,
    description,
    schema: isNumber ? numbers[parameter.name] : schema
  }
}

const describeOperation = (operation: Operation): object => {
  const responses = operation.operationId.endsWith(".get")
    ? { ...operation.responses, 304: { description: "The client has this revision, in this shape." } }
    : operation.responses
  return {
    ...operation,
    parameters: operation.parameters.map(describeParameter),
    // A creation without a body has no input.
    ...(operation.operationId.endsWith(".create") && { requestBody: { ...operation.requestBody, required: false } }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [
        status,
        { ...response, headers: references(["X-Request-Id", ...headersOf(operation.operationId, status)]) }
      ])
    )
  }
}

/** The document, complete. */
export const describeDocument = ({ components, paths, ...document }: OpenApi.OpenAPISpec): object => ({
  ...document,
  paths: Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item).map(([method, operation]) => [method, describeOperation(operation as Operation)])
      )
    ])
  ),
  components: { ...components, headers }
})

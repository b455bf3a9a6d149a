/**
 * What the OpenAPI document says beyond the schemas: the headers of answers, the descriptions of parameters where tools look
 * for them, numbers in the query, and the answer that has no body. All of it is found in the definition: nothing here knows an
 * operation by its name.
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
  "Verifa-Version": text("The version that was spoken, once the request was admitted.", "2026-02-01"),
  Deprecation: text("Since when the version is deprecated (RFC 9745).", "@1767225600"),
  Sunset: text("When the version will be retired (RFC 8594).", "Thu, 31 Dec 2026 00:00:00 GMT"),
  ETag: text("The session's revision, in the shape of this answer.", '"3"'),
  Location: text("Path of the new session.", "/api/v1/sessions/ses_01kb0f3m9s8x7w6v5t4r3q2p1n"),
  "Idempotent-Replayed": text("`true` where this is the outcome of an earlier request with the same key.", "true"),
  "Retry-After": text("Seconds to wait.", "30"),
  "WWW-Authenticate": text("How to authenticate.", 'ApiKey realm="holdfast"')
}

type Header = keyof typeof headers

/** Every answer can have these, and all but the first only where the request got as far as its version. */
const common: ReadonlyArray<Header> = ["X-Request-Id", "Verifa-Version", "Deprecation", "Sunset"]

/** Which of them an answer can have beside those. */
const headersOf = (operation: Operation, status: string, answersWithSession: boolean): ReadonlyArray<Header> => {
  switch (status) {
    case "401":
      return ["WWW-Authenticate"]
    case "429":
    case "503":
      return ["Retry-After"]
    case "304":
      return ["ETag"]
    case "200":
    case "201":
      return [
        ...(answersWithSession ? (["ETag"] as const) : []),
        ...(takes(operation, "idempotency-key") ? (["Idempotent-Replayed"] as const) : []),
        ...(status === "201" ? (["Location"] as const) : [])
      ]
    default:
      return []
  }
}

const takes = ({ parameters }: Operation, header: string) =>
  parameters.some((parameter) => parameter.in === "header" && parameter.name === header)

const references = (names: ReadonlyArray<Header>) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

interface Numbers {
  readonly [parameter: string]: {
    readonly description: string
    readonly minimum: number
    readonly maximum: number
    readonly default: number
  }
}

/** Says of parameters that they are integers. A query is text, and the schema that reads a number from text says no more. */
export const describeNumbers =
  (numbers: Numbers) =>
  ({ parameters = [], ...operation }: { readonly parameters?: ReadonlyArray<Parameter> }): object => ({
    ...operation,
    parameters: parameters.map((parameter) => {
      const number = numbers[parameter.name]
      return number === undefined ? parameter : { ...parameter, schema: { type: "integer", ...number } }
    })
  })

const properName = (name: string) => name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase())

const describeParameter = ({ in: place, name, required, schema: given }: Parameter): object => {
  const { description, ...schema } = given as { readonly description?: string }
  return { name: place === "header" ? properName(name) : name, in: place, required, description, schema }
}

interface Answer {
  readonly description: string
  readonly content?: {
    readonly [type: string]: { readonly schema: { readonly $ref?: string; readonly anyOf?: unknown } }
  }
}

/** An answer whose schema is the only alternative of a union has that schema. */
const describeAnswer = ({ content, ...answer }: Answer): Answer =>
  content === undefined
    ? answer
    : {
        ...answer,
        content: Object.fromEntries(
          Object.entries(content).map(([type, { schema, ...media }]) => {
            const [only, ...others] = (schema.anyOf ?? []) as ReadonlyArray<object>
            return [type, { ...media, schema: only === undefined || others.length > 0 ? schema : only }]
          })
        )
      }

const isSession = ({ content = {} }: Answer) =>
  Object.values(content).some(({ schema }) => schema.$ref === "#/components/schemas/Session")

const describeOperation = (method: string, operation: Operation): object => {
  const responses: { readonly [status: string]: Answer } = {
    ...operation.responses,
    ...(takes(operation, "if-none-match") && {
      304: { description: "The client has this revision, in this shape." }
    })
  }
  return {
    ...operation,
    parameters: operation.parameters.map(describeParameter),
    // A creation without a body has no input.
    ...(method === "post" && { requestBody: { ...operation.requestBody, required: false } }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, given]) => {
        const answer = describeAnswer(given)
        const names = [...common, ...headersOf(operation, status, isSession(answer))]
        return [status, { ...answer, headers: references(names) }]
      })
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
        Object.entries(item).map(([method, operation]) => [method, describeOperation(method, operation as Operation)])
      )
    ])
  ),
  components: { ...components, headers }
})

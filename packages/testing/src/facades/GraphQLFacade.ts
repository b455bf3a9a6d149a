/** Drives the GraphQL facade at a URL. */
import { inflect } from "@holdfast/core"
import { Effect } from "effect"
import type { Facade, FacadeAnswer, FacadeRequest, Operation } from "./Facade.ts"

const fields =
  "id status isSandbox environment createdAt updatedAt externalRef metadata country checks workflowId redirectUrl documentType " +
  "retentionStatus processingAttempts consentIp captureUrl tokenExpiresAt caseId caseStatus tags revision"

const outcome = (success: string, more = "") => `{
  __typename
  ... on ${success} { replayed ${more} session { ${fields} } }
  ... on UnprocessableError { code issues { path code } }
  ... on ConflictError { code }
  ... on ForbiddenError { code }
`

const documents: Record<Operation, string> = {
  create: `mutation ($input: CreateSessionInput!) { it: createSession(input: $input) ${outcome("CreateSessionSuccess")} } }`,
  get: `query ($id: ID!) { it: session(id: $id) { ${fields} } }`,
  update: `mutation ($id: ID!, $input: UpdateSessionInput!) {
    it: updateSession(id: $id, input: $input) ${outcome("UpdateSessionSuccess")} ... on NotFoundError { code } } }`,
  redact: `mutation ($id: ID!) {
    it: redactSession(id: $id) ${outcome("RedactSessionSuccess", "alreadyRedacted")} ... on NotFoundError { code } } }`
}

interface Issue {
  readonly path: ReadonlyArray<string>
  readonly code: string
}

interface Body {
  readonly data?: { readonly it: Payload | null } | null
  readonly errors?: ReadonlyArray<{
    readonly extensions?: { readonly code?: string; readonly issues?: ReadonlyArray<Issue> }
  }>
}

interface Payload {
  readonly code?: string
  readonly issues?: ReadonlyArray<Issue>
  readonly session?: FacadeAnswer["session"]
  readonly replayed?: boolean
  readonly alreadyRedacted?: boolean
}

/** The GraphQL facade at a URL, such as `http://127.0.0.1:4000/graphql`. */
export const graphqlFacade = (url: string): Facade => ({
  name: "GraphQL",
  send: (request) =>
    Effect.promise(async () => {
      const response = await fetch(url, { method: "POST", headers: headersOf(request), body: bodyOf(request) })
      return answerOf(request.operation, (await response.json()) as Body)
    })
})

const headersOf = ({ apiKey, idempotencyKey, inflection, version }: FacadeRequest) => ({
  accept: "application/graphql-response+json",
  "content-type": "application/json",
  ...(apiKey !== null && { "x-api-key": apiKey }),
  ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
  ...(inflection !== undefined && { "key-inflection": inflection }),
  ...(version !== undefined && { "verifa-version": version })
})

const bodyOf = ({ expectedRevision, id, input, operation }: FacadeRequest): string => {
  const members = Object.entries(input).map(([name, text]) => `${JSON.stringify(name)}:${text}`)
  if (expectedRevision !== undefined) members.push(`"expectedRevision":${expectedRevision}`)
  return `{"query":${JSON.stringify(documents[operation])},"variables":{"id":${JSON.stringify(id)},"input":{${members.join()}}}}`
}

const answerOf = (operation: Operation, { data, errors = [] }: Body): FacadeAnswer => {
  const payload = data?.it == null ? null : (camel(data.it) as Payload)
  const isSession = operation === "get" && payload !== null
  const [refusal] = errors.map(({ extensions }) => extensions)
  const code = refusal?.code ?? payload?.code ?? (payload === null ? "not_found" : null)
  const found = isSession ? (payload as FacadeAnswer["session"]) : (payload?.session ?? null)
  return {
    error: code?.toLowerCase() ?? null,
    issues: (refusal?.issues ?? payload?.issues ?? []).map((issue) => [issue.path.join("."), issue.code.toLowerCase()]),
    session: operation === "redact" || found === null ? null : withoutEnums(found),
    replayed: payload?.replayed ?? false,
    alreadyRedacted: payload?.alreadyRedacted ?? null
  }
}

const enums = new Set(["status", "documentType", "retentionStatus", "caseStatus"])

const withoutEnums = (found: object): FacadeAnswer["session"] =>
  Object.fromEntries(
    Object.entries(camel(found)).map(([name, value]) => [
      name,
      enums.has(name) && typeof value === "string" ? value.toLowerCase() : value
    ])
  )

/** The names of the schema, whatever casing was asked for. */
const camel = (found: object): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(found).map(([name, value]) => [inflect(name, "camel"), value as unknown]))

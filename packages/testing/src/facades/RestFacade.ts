/** Drives the REST facade at a URL. */
import { inflect } from "@holdfast/core"
import { Effect } from "effect"
import type { Facade, FacadeAnswer, FacadeRequest, Operation } from "./Facade.ts"

const routes: Record<Operation, (id: string) => readonly [method: string, path: string]> = {
  create: () => ["POST", "/api/v1/sessions"],
  get: (id) => ["GET", `/api/v1/sessions/${id}`],
  update: (id) => ["PATCH", `/api/v1/sessions/${id}`],
  redact: (id) => ["DELETE", `/api/v1/sessions/${id}/data`]
}

interface Body {
  readonly error?: string
  readonly errors?: ReadonlyArray<{ readonly path: ReadonlyArray<string>; readonly code: string }>
  readonly status?: string
}

/** The REST facade at a URL, such as `http://127.0.0.1:4000`. */
export const restFacade = (url: string): Facade => ({
  name: "REST",
  send: (request) =>
    Effect.promise(async () => {
      const [method, path] = routes[request.operation](request.id)
      const hasBody = request.operation === "create" || request.operation === "update"
      const response = await fetch(url + path, {
        method,
        headers: { ...headersOf(request), ...(hasBody && { "content-type": "application/json" }) },
        ...(hasBody && { body: bodyOf(request) })
      })
      return answerOf(request.operation, response, (await response.json()) as Body)
    })
})

const headersOf = ({ apiKey, expectedRevision, idempotencyKey, inflection, version }: FacadeRequest) => ({
  ...(apiKey !== null && { "x-api-key": apiKey }),
  ...(expectedRevision !== undefined && { "if-match": `"${expectedRevision}"` }),
  ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
  ...(inflection !== undefined && { "key-inflection": inflection }),
  ...(version !== undefined && { "verifa-version": version })
})

const bodyOf = ({ input }: FacadeRequest): string =>
  `{${Object.entries(input)
    .map(([name, text]) => `${JSON.stringify(inflect(name, "snake"))}:${text}`)
    .join()}}`

const answerOf = (operation: Operation, { headers, ok }: Response, body: Body): FacadeAnswer => ({
  error: ok ? null : (body.error ?? "none"),
  issues: (body.errors ?? []).map(({ code, path: [name = "", ...rest] }) => [
    [...(name === "" ? [] : [inflect(name, "camel")]), ...rest].join("."),
    code
  ]),
  session:
    ok && operation !== "redact"
      ? Object.fromEntries(Object.entries(body).map(([name, value]) => [inflect(name, "camel"), value]))
      : null,
  replayed: headers.get("idempotent-replayed") === "true",
  alreadyRedacted: ok && operation === "redact" ? body.status === "already_redacted" : null
})

/** The server's own answers, all of them JSON; errors in the shape of contract §5. */
import type { ServerResponse } from "node:http"

/** Answers with JSON that nobody keeps. */
export const sendJson = (response: ServerResponse, status: number, body: object): void => {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": bytes.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff"
  })
  response.end(bytes)
}

/** Answers with an error. */
export const sendError = (
  response: ServerResponse,
  status: number,
  error: { readonly error: string; readonly detail: string; readonly requestId: string }
): void => {
  const { detail, requestId } = error
  sendJson(response, status, { error: error.error, detail, status_code: status, request_id: requestId, errors: [] })
}

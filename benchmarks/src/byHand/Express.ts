/**
 * Express over hand-written sessions, with idempotency by `@node-idempotency/core` as its documentation shows: `onRequest`
 * before the update, `onResponse` after it.
 *
 * The library keeps keys in a storage of its own, so that a key is never of the transaction of what it stands for: a process
 * that dies between the update and `onResponse` leaves a key "in progress", which is refused for a day.
 */
import { Idempotency, IdempotencyError, IdempotencyErrorCodes } from "@node-idempotency/core"
import type { IdempotencyResponse } from "@node-idempotency/core"
import type { StorageAdapter } from "@node-idempotency/storage"
import express from "express"
import { randomUUID } from "node:crypto"
import type { Session, Tenant, UpdateInput } from "./Session.ts"
import { Refused } from "./Session.ts"
import { setting } from "../Setting.ts"

/** What the server is built on. */
export interface ExpressOptions {
  readonly storage: StorageAdapter
  readonly authenticate: (apiKey: string | undefined) => Promise<Tenant | null>
  readonly update: (
    tenant: Tenant,
    request: { readonly id: string; readonly input: UpdateInput; readonly requestId: string }
  ) => Promise<Session>
}

interface Failure {
  readonly error: string
}

/** Serves REST over the sessions. */
export const serveExpress = ({ authenticate, storage, update }: ExpressOptions): void => {
  const idempotency = new Idempotency(storage, { enforceIdempotency: true })
  const app = express()
  app.use(express.json())
  app.disable("x-powered-by")

  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 sees to rejections
  app.patch("/sessions/:id", async (request, response) => {
    const tenant = await authenticate(request.get("x-api-key"))
    if (tenant === null) return response.status(401).json({ error: "unauthorized" })
    const { id } = request.params
    const input = request.body as UpdateInput
    // The tenant and the session are part of what a key stands for.
    const keyed = {
      method: "PATCH",
      path: `/${tenant.organization}/${tenant.environment}/sessions`,
      headers: { "idempotency-key": request.get("idempotency-key") },
      body: { id, input }
    }
    let answer: IdempotencyResponse<Session, Failure> | undefined
    try {
      answer = await idempotency.onRequest<Session, Failure>(keyed)
    } catch (error) {
      if (!(error instanceof IdempotencyError)) throw error
      const mismatch = error.code === IdempotencyErrorCodes.IDEMPOTENCY_FINGERPRINT_MISSMATCH
      return response.status(mismatch ? 422 : 409).json({ error: mismatch ? "idempotency_mismatch" : "conflict" })
    }
    response.set("Idempotent-Replayed", String(answer !== undefined))
    if (answer === undefined) {
      const requestId = request.get("x-request-id") ?? randomUUID()
      answer = await update(tenant, { id, input, requestId }).then(
        (body) => ({ body, additional: { status: 200 } }),
        (error: unknown) => {
          if (!(error instanceof Refused)) throw error
          return { error: { error: error.code }, additional: { status: error.status } }
        }
      )
      await idempotency.onResponse<Session, Failure>(keyed, answer)
    }
    return response.status(Number(answer.additional?.["status"])).json(answer.body ?? answer.error)
  })
  app.listen(setting().port, "127.0.0.1")
}

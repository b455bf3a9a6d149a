/** Metadata is merged all the way down, where the contract replaces the value of a key whole. */
import type { JsonObject } from "@holdfast/core"
import { Effect } from "effect"
import { serverBefore } from "./Broken.ts"

const isMap = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const merged = (current: JsonObject, patch: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(patch).map(([key, value]) => {
      const before = current[key]
      return [key, isMap(before) && isMap(value) ? { ...before, ...merged(before, value) } : value]
    })
  )

export const deepMerge = serverBefore((sessions) => ({
  update: Effect.fnUntraced(function* (caller, request) {
    const { metadata } = request.input
    if (metadata === undefined || request.idempotencyKey != null) return yield* sessions.update(caller, request)
    const current = yield* sessions.get(caller, request.id)
    const input = { ...request.input, metadata: merged(current.metadata, metadata) }
    return yield* sessions.update(caller, { ...request, input })
  })
}))

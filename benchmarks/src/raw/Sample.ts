/**
 * A sample of what an update writes: Holdfast makes one, and its rows are read back. The limits write rows like these, with
 * nothing of Holdfast around it, whatever columns the tables have by now.
 */
import { ApiKeys, callerFor, Sessions } from "@holdfast/core"
import { Effect } from "effect"
import { layerHoldfast } from "../Holdfast.ts"
import { keyOf, organizationName, patchOf, sessionId } from "../Job.ts"
import type { Place } from "../load/Client.ts"
import { rowsOf } from "../seed/Holdfast.ts"
import type { SessionRows } from "../seed/Holdfast.ts"
import { openTables } from "../seed/Tables.ts"
import type { Row } from "../seed/Tables.ts"

/** The rows of an update, in which number and session stand for those of any other. */
export interface Sample {
  readonly rows: SessionRows
  /** Text of the number, in the metadata, the key and at the end of every id that is made for an update. */
  readonly number: string
  /** Id of the session. */
  readonly session: string
}

/** Makes an update, and reads what it wrote. The data set has to be of one organization. */
export const takeSample = async (place: Place): Promise<Sample> => {
  const number = 999_999_999_999
  const session = sessionId(0)
  if (place.dataset.organizations !== 1) throw new Error("A limit knows one organization only")
  await Effect.runPromise(
    Effect.gen(function* () {
      const { organization } = yield* (yield* ApiKeys).ensureOrganization(organizationName(0))
      const caller = callerFor(organization, "live", { requestId: "req_sample" })
      const request = { id: session, input: { metadata: patchOf(number) }, idempotencyKey: keyOf(number, place.run) }
      yield* (yield* Sessions).update(caller, request)
    }).pipe(Effect.provide(layerHoldfast(place)))
  )
  const tables = openTables(place.databaseUrl)
  const { history, idempotency_records, sessions } = await rowsOf(tables, session, "DESC")
  await tables.close()
  const text = String(number)
  const rows = {
    sessions: numbered(sessions, "head", text),
    history: numbered(history, "id", text),
    idempotency_records: numbered(idempotency_records, "run", text)
  }
  return { rows, number: text, session }
}

const numbered = (row: Row, column: string, number: string): Row => ({
  ...row,
  [column]: String(row[column]).slice(0, -number.length) + number
})

/** A text in parts: what stays, and between it what an update puts there. */
export type Parts = ReadonlyArray<{ readonly text: string } | { readonly slot: "number" | "session" }>

/** Takes a text apart at the number and the session of the sample. */
export const partsOf = (text: string, { number, session }: Sample): Parts =>
  text
    .split(new RegExp(`(${number}|${session})`))
    .filter((part) => part !== "")
    .map((part) => (part === number ? { slot: "number" } : part === session ? { slot: "session" } : { text: part }))

/** Puts a text together. */
export const join = (parts: Parts, number: string, session: string): string => {
  let joined = ""
  for (const part of parts) joined += "text" in part ? part.text : part.slot === "number" ? number : session
  return joined
}

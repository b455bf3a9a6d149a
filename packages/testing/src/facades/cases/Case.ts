/**
 * What a case of the table is, and short ways to write one. A case says what is asked, step by step, and what has to be
 * answered, whatever the facade.
 *
 * Every case begins with a session that has the external reference `user-42` and the metadata `{"tier":"gold"}`.
 */
import type { FacadeRequest } from "../Facade.ts"

/** Who asks: the tenant's own key, one that may only read or write, the tenant's live key, another tenant's, or nobody. */
export type Who = "owner" | "reader" | "writer" | "live" | "neighbour" | "nobody"

/** What has to be answered. What is left out does not matter; without `error` it is a success. */
export interface Expected {
  readonly error?: string
  readonly issues?: ReadonlyArray<readonly [path: string, code: string]>
  /** Fields that the session has to have. */
  readonly session?: { readonly [field: string]: unknown }
  readonly replayed?: boolean
  readonly alreadyRedacted?: boolean
}

/** One request, and what has to come back. */
export interface Step extends Partial<Omit<FacadeRequest, "operation" | "apiKey">> {
  readonly does: FacadeRequest["operation"]
  readonly by?: Who
  /** The time that has to pass before. */
  readonly after?: `${number} ${"hours" | "millis" | "minutes"}`
  /** The name under which later steps find the session: `ofSession`. */
  readonly makes?: string
  readonly ofSession?: string
  readonly is: Expected
}

/** One rule. `except` names facades that cannot show it, with the reason. */
export interface Case {
  readonly rule: string
  readonly name: string
  readonly steps: ReadonlyArray<Step>
  readonly except?: { readonly [facade: string]: string }
}

/** A value as the text of a field. */
export const json = JSON.stringify
/** An input that is metadata. */
export const metadata = (value: unknown) => ({ metadata: json(value) })
/** The session as every case begins with it. */
export const unchanged = {
  externalRef: "user-42",
  metadata: { tier: "gold" },
  revision: 1,
  updatedAt: "1970-01-01T00:00:00.000Z"
}
/** The answer to an input that breaks one rule. */
export const refused = (path: string, code: string): Expected => ({
  error: "validation_failed",
  issues: [[path, code]]
})

/** A case of one step, an update unless it says otherwise. */
export const one = (rule: string, name: string, step: Omit<Step, "does"> & { readonly does?: Step["does"] }): Case => ({
  rule,
  name,
  steps: [{ does: "update", ...step }]
})

/** An update with this input is refused, and nothing has changed. */
export const refuses = (name: string, input: Step["input"], is: Expected, rule = "§4 limits"): Case => ({
  rule,
  name,
  steps: [
    { does: "update", ...(input && { input }), is },
    { does: "get", is: { session: unchanged } }
  ]
})

/** Metadata of so many keys. */
export const keys = (count: number, from = 0) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${from + index}`, index]))

/** Lists in lists. */
export const nested = (levels: number): unknown => (levels === 0 ? "deep" : [nested(levels - 1)])

/** An input that breaks a rule. */
export const broken = { externalRef: json("x".repeat(256)) }

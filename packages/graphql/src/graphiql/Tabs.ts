/**
 * The five tabs of GraphiQL: update, retry safely, not found, invalid input, read back. Each is a document of the package's
 * `operations` and is named by its operation; with a key and a session each can be run at once.
 */
import type { SessionId } from "@holdfast/core"
import { Redacted } from "effect"
import { readFileSync } from "node:fs"

/** A tab as GraphiQL takes it: variables and headers are JSON text. */
export interface Tab {
  readonly title: string
  readonly query: string
  readonly variables: string
  readonly headers: string
}

/** What the tabs are filled with. */
export interface Prefill {
  readonly key: Redacted.Redacted<string>
  readonly session: SessionId
}

const operations = ["UpdateSession", "RetrySafely", "NotFound", "InvalidInput", "ReadBack"]

const read = (operation: string) =>
  readFileSync(new URL(`../../operations/${operation}.graphql`, import.meta.url), "utf8").trimEnd()

const json = (value: object) => JSON.stringify(value, null, 2)

/** The tabs; without a prefill, with the places marked where a key and an id go. */
export const makeTabs = (prefill: Prefill | null): ReadonlyArray<Tab> => {
  const headers =
    prefill === null ? '{\n  // "X-API-Key": "vk_sandbox_…"\n}' : json({ "X-API-Key": Redacted.value(prefill.key) })
  // The same in each, needed or not: GraphiQL finds a tab again by all three when the page is loaded anew.
  const variables = json({ id: prefill?.session ?? "ses_…" })
  return operations.map((title) => ({ title, query: read(title), variables, headers }))
}

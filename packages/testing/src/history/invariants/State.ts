/** State: what can be changed of a session, and what a request makes of it. */
import type { Call, SeenSession } from "../History.ts"
import { mapOf, patched, textOf } from "./Json.ts"

/** What can be changed of a session. */
export type State = Pick<SeenSession, "externalRef" | "metadata" | "retentionStatus">

/** As creation finds it. */
export const empty: State = { externalRef: null, metadata: {}, retentionStatus: "active" }

/** As redaction leaves it. */
export const erased: State = { ...empty, retentionStatus: "redacted" }

/** A state after the input of a creation or an update. */
export const after = (state: State, { input: { externalRef, metadata } }: Call): State => ({
  ...state,
  externalRef: externalRef === undefined ? state.externalRef : typeof externalRef === "string" ? externalRef : null,
  metadata: patched(state.metadata, mapOf(metadata))
})

/** Whether a state can be one after that input: it shows all that the input sets. */
export const isAfter = (state: State, { input: { externalRef, metadata } }: Call): boolean =>
  (externalRef === undefined || externalRef === state.externalRef) &&
  Object.entries(mapOf(metadata)).every(([name, value]) => {
    const shown = Object.hasOwn(state.metadata, name) ? (state.metadata[name] ?? null) : null
    return shown === value || textOf(shown) === textOf(value)
  })

/** A text that is equal for equal states. */
export const stateText = ({ externalRef, metadata, retentionStatus }: State): string =>
  textOf([externalRef, metadata, retentionStatus])

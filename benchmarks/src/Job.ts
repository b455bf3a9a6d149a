/**
 * The job that every contender does: update number `n` merges three keys into the metadata of one of many sessions, under an
 * idempotency key of its own. Everything about it follows from the number, so that whoever sends it, answers it or looks it
 * up in a database agrees on what it was.
 *
 * All texts that depend on the number have the same width for every number, so that a request can be written once and
 * then only be filled in.
 */
import { createHash } from "node:crypto"

/** What is stored before the first update. */
export interface Dataset {
  /** How many sessions, spread evenly over the organizations. */
  readonly sessions: number
  readonly organizations: number
  /** How many metadata keys each session has; an update replaces three of them. */
  readonly metadataKeys: number
  /** How many idempotency records are there already; every other one has expired and waits to be swept. */
  readonly records: number
}

/** What is stored unless a suite says otherwise. */
export const defaultDataset: Dataset = { sessions: 1_000, organizations: 1, metadataKeys: 10, records: 0 }

/** One update. */
export interface Update {
  readonly number: number
  /** The session by its place in the data set. */
  readonly index: number
  readonly session: string
  /** The organization by its place in the data set. */
  readonly organization: number
  readonly key: string
  readonly patch: Patch
}

/** The three keys that an update sets. */
export type Patch = { readonly tier: string; readonly visits: number; readonly note: string }

/** Updates are numbered from here on, so that every number has twelve digits. */
export const firstNumber = 100_000_000_000

/** Prime, and no divisor of a power of ten: consecutive updates are of different sessions, all over the table. */
const stride = 7_919

/** Which session an update is of, and whose that is. */
export const targetOf = (number: number, { organizations, sessions }: Dataset) => {
  const index = (number * stride) % sessions
  return { index, organization: index % organizations }
}

/** The update of this number, in a run whose name keeps its keys apart from those of other runs. */
export const updateOf = (number: number, run: string, dataset: Dataset): Update => {
  const target = targetOf(number, dataset)
  return { ...target, number, session: sessionId(target.index), key: keyOf(number, run), patch: patchOf(number) }
}

/** The key of the update of this number. */
export const keyOf = (number: number, run: string): string => `${run}-${number}`

/** What the update of this number sets. */
export const patchOf = (number: number): Patch => ({
  tier: `gold-${number}`,
  visits: number,
  note: `seen ${number} times`
})

const epoch = Date.UTC(2026, 0, 1)

/** The id of the session at this place: it sorts by the place, and its second half looks random. */
export const sessionId = (index: number): string => {
  const random = createHash("sha256").update(String(index)).digest("hex").slice(0, 15)
  return `ses_${(epoch + index).toString(16).padStart(11, "0")}${random}`
}

/** The same in the SQL of PostgreSQL. */
export const sessionIdAt = (index: string): string =>
  `'ses_' || lpad(to_hex(${epoch} + ${index}), 11, '0') || left(encode(sha256(convert_to(${index}::text, 'UTF8')), 'hex'), 15)`

/** What a session's metadata is before its first update. */
export const initialMetadata = (keys: number): Record<string, string | number> => {
  const rest = Array.from({ length: keys - 3 }, (_, at) => [`field_${at + 4}`, `value of field ${at + 4}`] as const)
  return { tier: "none", visits: 0, note: "never seen", ...Object.fromEntries(rest) }
}

/** Name of the organization at this place. */
export const organizationName = (place: number): string => `organization-${place}`

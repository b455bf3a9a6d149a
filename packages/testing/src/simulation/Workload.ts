/**
 * Workload: what the clients of a simulation ask for. Few sessions and few names, so that they get in each other's way; keys
 * that are the same in every organization; retries, duplicates at once, keys used for something else, requests without a key,
 * removals, expected revisions, redactions.
 */
import type { Caller, Session, SessionId, UpdateSessionInput } from "@holdfast/core"
import type { Chance } from "./Chance.ts"

/** A request that can be sent, and sent again. */
export interface Request {
  readonly caller: Caller
  readonly operation: "create" | "update" | "redact"
  /** The session to change; of a creation there is none. */
  readonly id: SessionId | null
  readonly input: UpdateSessionInput
  readonly key: string | null
}

/** What the clients of one organization know of it. */
export interface Knowledge {
  readonly caller: Caller
  readonly sessions: Map<SessionId, Session>
  /** Requests with a key, in the order in which they were first sent. */
  readonly keyed: Array<Request>
}

const names = ["a", "b", "c", "d"] as const

/** Few values come again, so that some updates change nothing; most are new, so that each can be told from the others. */
const value = (chance: Chance) => {
  const fresh = chance.below(1_000_000)
  return chance.oneOf([
    fresh,
    fresh,
    `v${fresh}`,
    7,
    "same",
    true,
    null,
    null,
    { x: fresh },
    { y: [fresh, null] },
    { x: null }
  ])
}

const metadata = (chance: Chance) =>
  Object.fromEntries(Array.from({ length: chance.below(4) }, () => [chance.oneOf(names), value(chance)]))

const input = (chance: Chance): UpdateSessionInput => ({
  ...(chance.happens(0.85) ? { metadata: metadata(chance) } : undefined),
  ...(chance.happens(0.25) ? { externalRef: chance.oneOf([null, "same", `r${chance.below(1_000_000)}`]) } : undefined)
})

/** The next request of a client. */
export const nextRequest = (chance: Chance, { caller, keyed, sessions }: Knowledge): Request => {
  // The newest sessions, and the very newest most of all, so that clients meet.
  const [known, ...others] = [...sessions.values()].slice(-4).toReversed()
  const again = keyed[chance.below(keyed.length)]
  if (again !== undefined && chance.happens(0.12)) return again
  const key =
    again !== undefined && chance.happens(0.03) ? again.key : chance.happens(0.75) ? `key-${keyed.length}` : null
  const luck = chance.next()
  const request: Request =
    known === undefined || luck < 0.08
      ? { caller, operation: "create", id: null, input: input(chance), key }
      : about(chance, chance.happens(0.6) ? known : chance.oneOf([known, ...others]), {
          caller,
          key,
          redacts: luck > 0.97
        })
  if (key !== null) keyed.push(request)
  return request
}

const about = (
  chance: Chance,
  { id, revision }: Session,
  { caller, key, redacts }: Pick<Request, "caller" | "key"> & { readonly redacts: boolean }
): Request => {
  const expecting = chance.happens(0.08) ? { expectedRevision: revision } : {}
  return redacts
    ? { caller, operation: "redact", id, input: expecting, key }
    : { caller, operation: "update", id, input: { ...input(chance), ...expecting }, key }
}

/**
 * Workload: what the clients ask, group by group. The requests of a group are sent at nearly the same time, to different
 * servers: mostly ten duplicates under one key, and beside them everything that a key, a patch and a redaction can be used for.
 *
 * Which groups come, and what is in them, the seed decides; which session a group is about depends on those that were made.
 */
import type { Answer, Json } from "@holdfast/testing"
import type { Dice } from "../Dice.ts"
import type { Ask, Tenant } from "./Ask.ts"

/** Requests without end, and how it learns what came of them. */
export interface Workload {
  readonly next: () => ReadonlyArray<Ask>
  readonly learn: (ask: Ask, answer: Answer) => void
}

/** So many sessions of a tenant are in use at once: few enough that many requests want the same one. */
const inUse = 16
/** So many answered requests are remembered, to be sent again much later. */
const remembered = 400
const duplicates = 10

/** The mixture, over the tenants given. */
export const makeWorkload = (dice: Dice, tenants: ReadonlyArray<Tenant>): Workload => {
  const sessions = new Map<Tenant, Array<string>>(tenants.map((tenant) => [tenant, []]))
  const revisions = new Map<string, number>()
  const answered: Array<Ask> = []
  let groups = 0

  const patch = () => makePatch(dice, groups++)
  const freshKey = () => `key-${groups++}`
  const sessionOf = (tenant: Tenant) => {
    const own = sessions.get(tenant) ?? []
    return own.length === 0 ? null : dice.pick(own)
  }

  const creation = (tenant: Tenant): ReadonlyArray<Ask> =>
    times(duplicates, { tenant, operation: "createSession", session: null, key: freshKey(), input: patch() })

  const update = (tenant: Tenant, session: string): Ask => ({
    tenant,
    operation: "updateSession",
    session,
    key: freshKey(),
    input: patch()
  })

  /** What is asked about a session. */
  const kinds: ReadonlyArray<readonly [number, (tenant: Tenant, session: string) => ReadonlyArray<Ask>]> = [
    [55, (tenant, session) => times(duplicates, update(tenant, session))],
    [60, (tenant, session) => [{ ...update(tenant, session), key: null }]],
    [7, creation],
    // It changes nothing, and its outcome is stored all the same.
    [3, (tenant, session) => times(duplicates, { ...update(tenant, session), input: {} })],
    // Only if nobody else was faster.
    [
      6,
      (tenant, session) => {
        const first = update(tenant, session)
        const input = { ...first.input, expectedRevision: revisions.get(session) ?? 1 }
        return dice.chance(0.5) ? times(duplicates, { ...first, input }) : [{ ...first, key: null, input }]
      }
    ],
    // Two requests want one key: one of them gets it, and the other is a mismatch.
    [
      8,
      (tenant, session) => {
        const first = update(tenant, session)
        return shuffled(dice, [...times(duplicates, first), ...times(2, { ...first, input: patch() })])
      }
    ],
    // One key in two organizations is two keys.
    [
      8,
      (tenant, session) => {
        const first = update(tenant, session)
        const other = dice.pick(tenants.filter((another) => another !== tenant))
        const twin = { ...update(other, sessionOf(other) ?? ""), key: first.key }
        const twins = twin.session === "" ? [] : times(duplicates / 2, twin)
        return shuffled(dice, [...times(duplicates / 2, first), ...twins])
      }
    ],
    // Long after, the same request once more.
    [10, () => (answered.length === 0 ? [] : [dice.pick(answered)])],
    // Long after, another request with that key.
    [
      6,
      (tenant, session) => {
        const key = answered.length === 0 ? null : dice.pick(answered)
        return key === null
          ? []
          : [{ ...update(tenant, session), tenant: key.tenant, session: key.session ?? session, key: key.key }]
      }
    ],
    [
      2,
      (tenant, session) => {
        const redaction: Ask = {
          tenant,
          operation: "redactSession",
          session,
          key: dice.chance(0.7) ? freshKey() : null,
          input: {}
        }
        const own = sessions.get(tenant) ?? []
        sessions.set(
          tenant,
          own.filter((id) => id !== session)
        )
        // Updates before, beside and after it: the last are refused.
        const updates = times(3, update(tenant, session))
        return [
          ...updates,
          ...times(redaction.key === null ? 1 : 5, redaction),
          ...updates,
          { ...update(tenant, session), key: null }
        ]
      }
    ]
  ]

  return {
    next: () => {
      const tenant = dice.pick(tenants)
      const session = sessionOf(tenant)
      const own = sessions.get(tenant) ?? []
      if (session === null || own.length < inUse / 2) return creation(tenant)
      return dice.weighted(kinds)(tenant, session)
    },
    learn: (ask, answer) => {
      if (answer.type !== "ok") return
      const { id, revision } = answer.session
      revisions.set(id, Math.max(revision, revisions.get(id) ?? 0))
      const own = sessions.get(ask.tenant) ?? []
      if (ask.operation === "createSession" && !answer.replayed) {
        own.push(id)
        if (own.length > inUse) own.splice(dice.between(0, own.length - 1), 1)
      }
      if (ask.key === null || answer.replayed) return
      answered.push(ask)
      if (answered.length > remembered) answered.splice(dice.between(0, answered.length - 1), 1)
    }
  }
}

/** Everybody changes one session, with a key and without. */
export const makeHotWorkload = (dice: Dice, tenant: Tenant, session: string): Workload => {
  let groups = 0
  const update = (key: string | null): Ask => ({
    tenant,
    operation: "updateSession",
    session,
    key,
    input: makePatch(dice, groups)
  })
  return {
    next: () => (groups++ % 2 === 0 ? [update(null)] : times(2, update(`hot-${groups}`))),
    learn: () => {}
  }
}

const names = ["a", "b", "c", "d", "e", "f", "g", "h", "naïve", "名前", "🗝", "with space", "constructor", "0"]

/** A change that no other group makes: it sets something to a value of its own, and mostly removes something else. */
const makePatch = (dice: Dice, tag: number): { readonly [name: string]: Json } => {
  const values: ReadonlyArray<() => Json> = [
    () => null,
    () => `text ${tag}`,
    () => tag + 0.5,
    () => ({ tag, gone: null, list: [tag, "é", "😀", null] }),
    () => [tag, { deep: { deeper: tag } }],
    () => tag % 2 === 0
  ]
  const metadata: Record<string, Json> = { [`tag ${tag % 8}`]: tag }
  for (let changes = dice.between(0, 3); changes > 0; changes--) metadata[dice.pick(names)] = dice.pick(values)()
  if (dice.chance(0.15)) return { metadata, externalRef: dice.chance(0.3) ? null : `ref-${tag}` }
  return { metadata }
}

const times = (count: number, ask: Ask): ReadonlyArray<Ask> => Array.from({ length: count }, () => ask)

const shuffled = <A>(dice: Dice, list: ReadonlyArray<A>): ReadonlyArray<A> =>
  list
    .map((item) => [dice.between(0, 1_000_000), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item)

/** The check: it accepts what keeps the promises, however little was answered, and says which promise is broken and where. */
import { check, invariants, makeId } from "@holdfast/testing"
import type { Call, FinalEvent, FinalRecord, History, Invariant } from "@holdfast/testing"
import { assert, describe, it } from "@effect/vitest"
import {
  acme,
  call,
  creation,
  events,
  failed,
  globex,
  history,
  hour,
  ok,
  record,
  redacted,
  redaction,
  replay,
  seen,
  session,
  unknown
} from "./Histories.ts"

const accepts = (name: string, history: History) =>
  it(`accepts ${name}`, () => {
    assert.deepStrictEqual(check(history), [])
  })

/** The promises that are said to be broken are exactly these. */
const rejects = (name: string, history: History, ...broken: ReadonlyArray<Invariant>) =>
  it(`rejects ${name}: ${broken.join(", ")}`, () => {
    assert.deepStrictEqual([...new Set(check(history).map(({ invariant }) => invariant))].toSorted(), broken.toSorted())
  })

const created = creation(0, ok(seen(1)))
const key = "k"
const gold = { input: { metadata: { tier: "gold" } } }
const golden = seen(2, { metadata: { tier: "gold" } })
const updated = { events: events("created", "updated") }
const claimed = { ...updated, records: [record(key, "evt_2")] }

describe("a history that keeps every promise", () => {
  accepts("nothing at all", history([], null, {}))

  accepts(
    "an update, its replay, and a mismatch",
    history(
      [
        created,
        call(10, ok(golden), { key, ...gold }),
        call(20, replay(golden), { key, ...gold }),
        call(30, failed("idempotency_mismatch"), { key, input: { externalRef: "a" } })
      ],
      golden,
      claimed
    )
  )

  accepts(
    "an update whose answer was lost, and a replay that tells of it",
    history([created, call(10, unknown, { key, ...gold }), call(20, replay(golden), { key, ...gold })], golden, claimed)
  )

  accepts(
    "an update without a key that may have been made, and was",
    history([created, call(10, unknown, gold)], golden, updated)
  )

  accepts(
    "an update without a key that may have been made, and was not",
    history([created, call(10, unknown, gold)], seen(1), { events: events("created") })
  )

  accepts(
    "updates that nobody knows of, in either order",
    history(
      [
        created,
        call(10, unknown, { input: { metadata: { tier: "lead", more: 1 } } }),
        call(11, unknown, { input: { metadata: { tier: "gold" }, externalRef: "a" } })
      ],
      seen(3, { externalRef: "a", metadata: { tier: "lead", more: 1 } }),
      { events: events("created", "updated", "updated") }
    )
  )

  accepts(
    "a key that is used afresh after a day",
    history(
      [
        created,
        call(10, ok(golden), { key, ...gold }),
        call(24 * hour + 10, ok(seen(3)), { key, input: { metadata: { tier: null } } })
      ],
      seen(3),
      { events: events("created", "updated", "updated"), records: [record(key, "evt_3")] }
    )
  )

  accepts(
    "a lapse that nobody wrote down, and one that somebody did",
    history([created, call(10, ok(seen(2))), call(30, ok(seen(2)), { key }), call(40, ok(seen(2)))], seen(2), {
      events: events("created", "expired"),
      records: [record(key, "evt_9")]
    })
  )
  accepts(
    "a lapse that only an answer shows",
    history([created, call(10, ok(seen(2)))], seen(1), { events: events("created") })
  )

  accepts(
    "a redaction, and what is refused and replayed behind it",
    history(
      [
        created,
        call(10, ok(golden), { key, ...gold }),
        redaction(20, ok(redacted(3)), { key: "r" }),
        call(30, failed("session_redacted"), { key, ...gold }),
        redaction(40, replay(redacted(3)), { key: "r" })
      ],
      redacted(3),
      {
        events: events("created", "updated", "redacted"),
        records: [record(key, "evt_2", { erased: true }), record("r", "evt_3")]
      }
    )
  )

  accepts(
    "a request that ran, and was redacted before its answer was on the way",
    history(
      [created, call(10, failed("session_redacted"), { key, ...gold, answered: 30 }), redaction(20, ok(redacted(3)))],
      redacted(3),
      { events: events("created", "updated", "redacted"), records: [record(key, "evt_2", { erased: true })] }
    )
  )

  const other = makeId("ses", 2)
  accepts("the same key in two organizations", {
    calls: [creation(0, ok(seen(1)), { key }), creation(1, ok(seen(1, { id: other })), { key, ...globex })],
    final: {
      sessions: [
        { ...acme, ...seen(1) },
        { ...globex, ...seen(1, { id: other }) }
      ],
      events: [...events("created"), { ...globex, id: "evt_b", session: other, revision: 1, type: "session.created" }],
      records: [record(key, "evt_1"), record(key, "evt_b", { ...globex, session: other })]
    }
  })
})

describe("I1, one run", () => {
  rejects(
    "a change that no request explains",
    history([created], golden, { events: events("created", "updated") }),
    "I1"
  )
  rejects(
    "two sessions of one creation",
    {
      calls: [creation(0, unknown, { key }), creation(9, replay(seen(1)), { key })],
      final: {
        sessions: [
          { ...acme, ...seen(1) },
          { ...acme, ...seen(1, { id: makeId("ses", 2) }) }
        ],
        events: [
          ...events("created"),
          { ...acme, id: "evt_b", session: makeId("ses", 2), revision: 1, type: "session.created" }
        ],
        records: [record(key, "evt_1")]
      }
    },
    "I1"
  )
  rejects(
    "a key whose update was made again, over another's",
    history(
      [
        created,
        call(10, unknown, { key, ...gold }),
        call(20, ok(seen(3, { metadata: { tier: "lead" } })), { input: { metadata: { tier: "lead" } } }),
        call(30, ok(seen(4, { metadata: { tier: "gold" } })), { key, ...gold })
      ],
      seen(4, { metadata: { tier: "gold" } }),
      { events: events("created", "updated", "updated", "updated"), records: [record(key, "evt_4")] }
    ),
    "I1"
  )
  rejects(
    "more changes than requests that may have made them",
    history(
      [
        created,
        call(10, unknown, { input: { metadata: { n: 1 } } }),
        call(20, ok(seen(3)), { input: { metadata: { n: null } } })
      ],
      seen(4, { metadata: { n: 1 } }),
      { events: events("created", "updated", "updated", "updated") }
    ),
    "I1"
  )
  rejects(
    "two records of one key",
    history([created, call(10, ok(golden), { key, ...gold })], golden, {
      ...updated,
      records: [record(key, "evt_2"), record(key, "evt_2")]
    }),
    "I1"
  )
})

describe("I2, acknowledged is kept", () => {
  rejects("a session that is gone", history([created], null, {}), "I2")
  rejects(
    "a revision that is gone",
    history([created, call(10, ok(golden), gold)], seen(1), { events: events("created") }),
    "I2"
  )
  rejects("a key that is forgotten", history([created, call(10, ok(golden), { key, ...gold })], golden, updated), "I2")
})

describe("I3, one state for each revision", () => {
  rejects(
    "two writers who both made a revision",
    history(
      [
        created,
        call(10, ok(golden), gold),
        call(10.5, ok(seen(2, { externalRef: "a" })), { input: { externalRef: "a" } })
      ],
      golden,
      updated
    ),
    "I3"
  )
  rejects("a creation at another revision", history([creation(0, ok(golden), gold)], golden, updated), "I1", "I3")
})

describe("I4, one outcome", () => {
  const twice = (second: Call, final = golden, tables: Parameters<typeof history>[2] = claimed) =>
    history([created, call(10, ok(golden), { key, ...gold }), second], final, tables)
  const later = seen(3, { metadata: { tier: "gold" }, externalRef: "a" })

  rejects(
    "a replay of the session as it is now",
    history(
      [
        created,
        call(10, ok(golden), { key, ...gold }),
        call(20, ok(later), { input: { externalRef: "a" } }),
        call(30, replay(later), { key, ...gold })
      ],
      later,
      { events: events("created", "updated", "updated"), records: [record(key, "evt_2")] }
    ),
    "I1",
    "I4"
  )
  rejects("two requests that are answered alike", twice(call(20, replay(golden), { key, input: {} })), "I4", "I5")
  rejects("a success that is decided again", twice(call(20, failed("revision_mismatch"), { key, ...gold })), "I4")
  rejects("a mismatch with nothing", twice(call(20, failed("idempotency_mismatch"), { key: "other", ...gold })), "I4")
  rejects(
    "another session than the one asked for",
    twice(call(20, ok(golden), { session: makeId("ses", 7), input: {} })),
    "I4"
  )
})

describe("I5, one answer that is no replay", () => {
  rejects(
    "two of them",
    history([created, call(10, ok(golden), { key, ...gold }), call(20, ok(golden), { key, ...gold })], golden, claimed),
    "I5",
    "I6"
  )
  rejects("a replay of nothing", history([created, call(10, replay(golden), { key, ...gold })], golden, claimed), "I5")
  rejects("a replay without a key", history([created, call(10, replay(golden), gold)], golden, updated), "I5")
})

describe("I6, never backwards", () => {
  rejects(
    "an update behind another that was made before it",
    history(
      [
        created,
        call(10, ok(seen(3, { externalRef: "a", metadata: { tier: "gold" } })), gold),
        call(20, ok(seen(2, { externalRef: "a" })), { input: { externalRef: "a" } })
      ],
      seen(3, { externalRef: "a", metadata: { tier: "gold" } }),
      { events: events("created", "updated", "updated") }
    ),
    "I6"
  )
})

describe("I7, the fold of the patches", () => {
  const both = { events: events("created", "updated", "updated") }
  const second = { input: { metadata: { plan: "a" } } }

  rejects(
    "a lost update",
    history(
      [created, call(10, ok(golden), gold), call(10.5, ok(seen(3, { metadata: { plan: "a" } })), second)],
      seen(3, { metadata: { plan: "a" } }),
      both
    ),
    "I7"
  )
  rejects(
    "a merge all the way down",
    history(
      [
        created,
        call(10, ok(seen(2, { metadata: { a: { x: 1 } } })), { input: { metadata: { a: { x: 1 } } } }),
        call(20, ok(seen(3, { metadata: { a: { x: 1, y: 2 } } })), { input: { metadata: { a: { y: 2 } } } })
      ],
      seen(3, { metadata: { a: { x: 1, y: 2 } } }),
      both
    ),
    "I7"
  )
  rejects(
    "a null that stays",
    history(
      [created, call(10, ok(seen(2, { metadata: { tier: null } })), { input: { metadata: { tier: null } } })],
      seen(2, { metadata: { tier: null } }),
      updated
    ),
    "I7"
  )
  rejects(
    "a table that nobody's patches make",
    history(
      [created, call(10, unknown, { key, ...gold }), call(20, replay(golden), { key, ...gold })],
      seen(2),
      claimed
    ),
    "I3",
    "I7"
  )
})

describe("I8, refused is refused", () => {
  rejects(
    "a request that was refused and made a change",
    history([created, call(10, failed("revision_mismatch"), gold)], golden, updated),
    "I8"
  )
  rejects(
    "a request that was refused and has a record",
    history([created, call(10, failed("validation_failed"), { key, ...gold })], seen(1), {
      events: events("created"),
      records: [record(key, "evt_9")]
    }),
    "I8"
  )
})

describe("I9, one event for each revision", () => {
  const update = [created, call(10, ok(golden), gold)]
  const [first, next] = events("created", "updated") as [FinalEvent, FinalEvent]
  rejects("none", history(update, golden, { events: [first] }), "I9")
  rejects("two", history(update, golden, { events: [first, next, { ...next, id: "evt_3" }] }), "I9")
  rejects("one for a revision that is not there", history([created], seen(1), { events: [first, next] }), "I1", "I9")
  rejects("one of another kind", history([created], seen(1), { events: events("updated") }), "I9")
  rejects("one of a session that is not there", history([], null, { events: [first] }), "I1", "I9")
})

describe("I10, owners apart", () => {
  const theirs = makeId("ses", 2)
  const world = (call: Call, records: ReadonlyArray<FinalRecord> = []): History => ({
    calls: [creation(0, ok(seen(1, { id: theirs })), { key, ...globex }), created, call],
    final: {
      sessions: [
        { ...globex, ...seen(1, { id: theirs }) },
        { ...acme, ...seen(1) }
      ],
      events: [{ ...globex, id: "evt_b", session: theirs, revision: 1, type: "session.created" }, ...events("created")],
      records: [record(key, "evt_b", { ...globex, session: theirs }), ...records]
    }
  })
  rejects("another's session", world(creation(10, replay(seen(1, { id: theirs })), { key })), "I10", "I2")
  rejects("a mismatch with another's request", world(call(10, failed("idempotency_mismatch"), { key, ...gold })), "I10")
})

describe("I11, erased is gone", () => {
  const redacting = {
    events: events("created", "updated", "redacted"),
    records: [record(key, "evt_2", { erased: true })]
  }
  const before = [created, call(10, ok(golden), { key, ...gold }), redaction(20, ok(redacted(3)))]

  rejects(
    "a replay behind a redaction",
    history([...before, call(30, replay(golden), { key, ...gold })], redacted(3), redacting),
    "I11"
  )
  rejects(
    "an outcome that was left",
    history(before, redacted(3), { ...redacting, records: [record(key, "evt_2")] }),
    "I11"
  )
  rejects(
    "a session that holds what it held",
    history([created, redaction(20, ok(seen(2)))], seen(2), { events: events("created", "redacted") }),
    "I11",
    "I7"
  )
  rejects(
    "a change behind a redaction",
    history(
      [...before, call(30, unknown, gold)],
      seen(4, { retentionStatus: "redacted", metadata: { tier: "gold" } }),
      {
        ...redacting,
        events: events("created", "updated", "redacted", "updated")
      }
    ),
    "I11"
  )
  rejects(
    "a refusal as redacted of what nobody redacted",
    history([created, call(10, failed("session_redacted"))], seen(1), { events: events("created") }),
    "I11"
  )
})

describe("I12, no key is stuck", () => {
  rejects(
    "a key that is never answered",
    history([created, call(10, unknown, { key, ...gold }), call(9_000, unknown, { key, ...gold })], seen(1), {
      events: events("created")
    }),
    "I12"
  )
})

describe("a violation", () => {
  it("says the promise, the calls, the keys and the sessions, and no value", () => {
    const broken = history([created, call(10, replay(golden), { key, ...gold })], golden, claimed)
    assert.deepStrictEqual(check(broken), [
      {
        invariant: "I5",
        message: "A replay replays no request of its owner",
        calls: [10],
        keys: [key],
        sessions: [session]
      }
    ])
  })

  it("has a promise for every name", () => {
    assert.deepStrictEqual(
      Object.keys(invariants),
      Array.from({ length: 12 }, (_, n) => `I${n + 1}`)
    )
  })
})

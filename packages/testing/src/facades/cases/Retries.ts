/** The cases of idempotency keys (contract §6). */
import { broken, json, metadata, one, unchanged } from "./Case.ts"
import type { Case } from "./Case.ts"

/** The same request again. */
export const idempotency: ReadonlyArray<Case> = [
  {
    rule: "§6 replay",
    name: "a retry has the first outcome, as it was then",
    steps: [
      {
        does: "update",
        idempotencyKey: "k",
        input: metadata({ a: 1 }),
        is: { replayed: false, session: { revision: 2 } }
      },
      { does: "update", input: metadata({ a: 2 }), is: { session: { revision: 3 } } },
      {
        does: "update",
        idempotencyKey: "k",
        input: metadata({ a: 1 }),
        is: { replayed: true, session: { revision: 2, metadata: { tier: "gold", a: 1 } } }
      },
      { does: "get", is: { session: { revision: 3, metadata: { tier: "gold", a: 2 } } } }
    ]
  },
  {
    rule: "§6 replay",
    name: "an update that changed nothing replays as well",
    steps: [
      { does: "update", idempotencyKey: "k", is: { replayed: false, session: { revision: 1 } } },
      { does: "update", input: metadata({ a: 1 }), is: {} },
      { does: "update", idempotencyKey: "k", is: { replayed: true, session: { revision: 1 } } }
    ]
  },
  {
    rule: "§6 replay",
    name: "a retry of a creation makes no second session",
    steps: [
      { does: "create", makes: "new", idempotencyKey: "k", input: metadata({ a: 1 }), is: { replayed: false } },
      { does: "update", ofSession: "new", input: metadata({ a: 2 }), is: {} },
      {
        does: "create",
        idempotencyKey: "k",
        input: metadata({ a: 1 }),
        is: { replayed: true, session: { metadata: { a: 1 }, revision: 1 } }
      }
    ]
  },
  {
    rule: "§6 replay",
    name: "the version, the casing and the spelling of the JSON are not part of the request",
    steps: [
      { does: "update", idempotencyKey: "k", input: { metadata: '{"a":1,"b":[1.0]}' }, version: "2026-01-01", is: {} },
      {
        does: "update",
        idempotencyKey: '"k"',
        input: { metadata: '{ "b" : [1],\n"a":1e0 }' },
        version: "2026-02-01",
        inflection: "camel",
        is: { replayed: true, session: { revision: 2 } }
      }
    ]
  },
  {
    rule: "§6 replay",
    name: "an expected revision is part of the request, however it is sent, and does not stand in the way of its own retry",
    steps: [
      { does: "update", idempotencyKey: "k", expectedRevision: 1, input: metadata({ a: 1 }), is: { replayed: false } },
      { does: "update", idempotencyKey: "k", expectedRevision: 1, input: metadata({ a: 1 }), is: { replayed: true } }
    ]
  },
  {
    rule: "§6 replay",
    name: "the scopes of today are checked first",
    steps: [
      { does: "update", idempotencyKey: "k", is: {} },
      { does: "update", by: "reader", idempotencyKey: "k", is: { error: "insufficient_scope" } },
      { does: "update", by: "writer", idempotencyKey: "k", is: { replayed: true } }
    ]
  },
  ...(
    [
      ["another input", { input: metadata({ a: 2 }) }],
      ["an input less", { input: {} }],
      ["null instead of nothing", { input: { ...metadata({ a: 1 }), externalRef: "null" } }],
      ["an expected revision", { input: metadata({ a: 1 }), expectedRevision: 2 }],
      ["another session", { input: metadata({ a: 1 }), id: "ses_00000000000000000000000000" }],
      ["another operation", { does: "redact" }],
      ["a creation", { does: "create", input: metadata({ a: 1 }) }]
    ] as const
  ).map(([name, other]): Case => ({
    rule: "§6 mismatch",
    name: `a used key with ${name} is a mismatch, and nothing is done`,
    steps: [
      { does: "update", idempotencyKey: "k", input: metadata({ a: 1 }), is: {} },
      { does: "update", ...other, idempotencyKey: "k", is: { error: "idempotency_mismatch", issues: [], session: {} } },
      { does: "get", is: { session: { revision: 2, metadata: { tier: "gold", a: 1 } } } }
    ]
  })),
  {
    rule: "§6 storage",
    name: "a failure is not stored: the key is good for another try",
    steps: [
      { does: "update", idempotencyKey: "k", input: broken, is: { error: "validation_failed" } },
      { does: "update", idempotencyKey: "k", expectedRevision: 9, is: { error: "revision_mismatch" } },
      {
        does: "update",
        idempotencyKey: "k",
        input: metadata({ a: 1 }),
        is: { replayed: false, session: { revision: 2 } }
      }
    ]
  },
  {
    rule: "§6 scope",
    name: "a key belongs to its tenant",
    steps: [
      { does: "create", idempotencyKey: "k", input: metadata({ a: 1 }), is: { replayed: false } },
      { does: "create", by: "neighbour", idempotencyKey: "k", input: metadata({ a: 2 }), is: { replayed: false } },
      { does: "create", by: "live", idempotencyKey: "k", input: metadata({ a: 3 }), is: { replayed: false } }
    ]
  },
  {
    rule: "§6 lifetime",
    name: "an outcome is kept for 24 hours to the millisecond, and then the key is free",
    steps: [
      { does: "update", idempotencyKey: "k", input: metadata({ a: 1 }), is: { replayed: false } },
      {
        does: "update",
        after: "86399999 millis",
        idempotencyKey: "k",
        input: metadata({ a: 1 }),
        is: { replayed: true }
      },
      { does: "update", after: "1 millis", idempotencyKey: "k", input: metadata({ a: 2 }), is: { replayed: false } }
    ]
  },
  ...["", '""', "a b", "x".repeat(256)].map((key) =>
    one("§6 syntax", `${json(key.slice(0, 10))} is no idempotency key`, {
      idempotencyKey: key,
      is: { error: "invalid_idempotency_key" }
    })
  ),
  one("§6 syntax", "255 visible ASCII characters are one", {
    idempotencyKey: "~".repeat(255),
    is: { replayed: false }
  }),
  one("§6 syntax", "a read ignores it", { does: "get", idempotencyKey: "a b", is: { session: unchanged } })
]

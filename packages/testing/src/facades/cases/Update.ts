/** The cases of an update: the merge, the external reference, no change, and an expected revision (contract §4). */
import { json, metadata, nested, one, refused, refuses, unchanged } from "./Case.ts"
import type { Case } from "./Case.ts"

/** Metadata is merged by top-level key. */
export const merge: ReadonlyArray<Case> = (
  [
    ["a key that is sent replaces the value whole", { tier: { name: "gold" } }, { tier: { name: "gold" } }],
    ["a key that is not sent stays", { a: 1 }, { tier: "gold", a: 1 }],
    ["a key sent as null is removed", { tier: null }, {}],
    ["to remove what is not there is no error", { tier: null, other: null }, {}],
    ["nested nulls are data", { a: [null, { b: null }] }, { tier: "gold", a: [null, { b: null }] }],
    [
      "constructor and prototype are ordinary keys",
      { constructor: 1, prototype: 2 },
      { tier: "gold", constructor: 1, prototype: 2 }
    ],
    ["a key may have 128 code points", { ["🔑".repeat(128)]: 1 }, { tier: "gold", ["🔑".repeat(128)]: 1 }],
    ["containers may be nested 16 deep", { a: nested(16) }, { tier: "gold", a: nested(16) }],
    ["numbers come back as they were", { a: [0.1, 1e21, -7, 5e-324] }, { tier: "gold", a: [0.1, 1e21, -7, 5e-324] }],
    ["text comes back as it was", { a: "\u2028 👍🏽 \u0001" }, { tier: "gold", a: "\u2028 👍🏽 \u0001" }]
  ] as const
).map(([name, patch, result]) =>
  one("§4 merge", name, { input: metadata(patch), is: { session: { metadata: result, revision: 2 } } })
)

/** A string replaces, `null` clears. */
export const reference: ReadonlyArray<Case> = [
  ...(
    [
      ["a string replaces the external reference", "new"],
      ["null clears it", null],
      ["an empty string is a value", ""],
      ["it may have 255 code points", "👍".repeat(255)]
    ] as const
  ).map(([name, value]) =>
    one("§4 external reference", name, {
      input: { externalRef: json(value) },
      is: { session: { externalRef: value, metadata: { tier: "gold" }, revision: 2 } }
    })
  ),
  refuses("it may not have 256", { externalRef: json("👍".repeat(256)) }, refused("externalRef", "too_long")),
  refuses("it may not hold NUL", { externalRef: String.raw`"a\u0000"` }, refused("externalRef", "invalid_text")),
  refuses(
    "it may not hold half a character",
    { externalRef: String.raw`"\ud83d"` },
    refused("externalRef", "invalid_text")
  )
]

/** An update that changes nothing. */
export const nothing: ReadonlyArray<Case> = (
  [
    ["an empty update", {}],
    ["equal values", { externalRef: json("user-42"), ...metadata({ tier: "gold" }) }],
    ["the removal of what is not there", metadata({ absent: null })]
  ] as const
).map(([name, input]) => ({
  rule: "§4 unchanged",
  name: `${name} succeeds, and changes neither revision nor time`,
  steps: [{ does: "update", after: "1 minutes", input, is: { session: unchanged } }]
}))

/** The expected revision. */
export const concurrency: ReadonlyArray<Case> = [
  one("§4 optimistic concurrency", "the expected revision lets an update through", {
    expectedRevision: 1,
    input: metadata({ a: 1 }),
    is: { session: { revision: 2 } }
  }),
  {
    rule: "§4 optimistic concurrency",
    name: "another one refuses it, even where nothing would change",
    steps: [
      { does: "update", expectedRevision: 2, input: metadata({ a: 1 }), is: { error: "revision_mismatch" } },
      { does: "update", expectedRevision: 2, is: { error: "revision_mismatch" } },
      { does: "get", is: { session: unchanged } }
    ]
  }
]

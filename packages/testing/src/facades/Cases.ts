/**
 * The rules of the contract's sections 4 to 8 as cases: what is asked, step by step, and what has to be answered, whatever the
 * facade. Plain data; `FacadeConformance.ts` runs it.
 *
 * Every case begins with a session that has the external reference `user-42` and the metadata `{"tier":"gold"}`.
 */
import type { FacadeRequest } from "./Facade.ts"

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
interface Step extends Partial<Omit<FacadeRequest, "operation" | "apiKey">> {
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

const json = JSON.stringify
const metadata = (value: unknown) => ({ metadata: json(value) })
const unchanged = {
  externalRef: "user-42",
  metadata: { tier: "gold" },
  revision: 1,
  updatedAt: "1970-01-01T00:00:00.000Z"
}
const refused = (path: string, code: string): Expected => ({ error: "validation_failed", issues: [[path, code]] })

const one = (rule: string, name: string, step: Omit<Step, "does"> & { readonly does?: Step["does"] }): Case => ({
  rule,
  name,
  steps: [{ does: "update", ...step }]
})

/** An update with this input is refused, and nothing has changed. */
const refuses = (name: string, input: Step["input"], is: Expected, rule = "§4 limits"): Case => ({
  rule,
  name,
  steps: [
    { does: "update", ...(input && { input }), is },
    { does: "get", is: { session: unchanged } }
  ]
})

const keys = (count: number, from = 0) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${from + index}`, index]))

const nested = (levels: number): unknown => (levels === 0 ? "deep" : [nested(levels - 1)])

const merge: ReadonlyArray<Case> = (
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

const reference: ReadonlyArray<Case> = [
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

const nothing: ReadonlyArray<Case> = (
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

const sizes: ReadonlyArray<Case> = (
  [
    [1, "x".repeat(16_382)],
    [2, "é".repeat(8_191)],
    [3, "€".repeat(5_460) + "xx"],
    [4, "👍".repeat(4_095) + "xx"]
  ] as const
).flatMap(([bytes, text]) => [
  one("§4 limits", `a value may have 16,384 bytes in characters of ${bytes}`, {
    input: metadata({ a: text }),
    is: { session: { metadata: { tier: "gold", a: text } } }
  }),
  refuses(`and not 16,385`, metadata({ a: `${text}x` }), refused("metadata.a", "too_large"))
])

const limits: ReadonlyArray<Case> = [
  ...sizes,
  refuses("metadata may not be null", { metadata: "null" }, refused("metadata", "wrong_type")),
  refuses("metadata may not be a list", { metadata: "[]" }, refused("metadata", "wrong_type")),
  refuses("a key may not be empty", metadata({ "": 1 }), refused("metadata.", "empty_key")),
  refuses("a key may not have 129 code points", metadata({ ["🔑".repeat(129)]: 1 }), {
    error: "validation_failed",
    // A segment of a path is cut at 128.
    issues: [[`metadata.${"🔑".repeat(128)}`, "too_long"]]
  }),
  refuses(
    "a key may not hold NUL",
    { metadata: String.raw`{"\u0000":1}` },
    {
      error: "validation_failed",
      issues: [["metadata.\u0000", "invalid_text"]]
    }
  ),
  refuses(
    "a value may not hold NUL",
    { metadata: String.raw`{"a":["\u0000"]}` },
    refused("metadata.a.0", "invalid_text")
  ),
  refuses(
    "a value may not hold half a character",
    { metadata: String.raw`{"a":{"b":"\udc4d"}}` },
    refused("metadata.a.b", "invalid_text")
  ),
  refuses("__proto__ is no key", { metadata: '{"__proto__":1}' }, refused("metadata.__proto__", "forbidden_key")),
  refuses(
    "not even deep inside",
    { metadata: '{"a":[{"__proto__":{}}]}' },
    refused("metadata.a.0.__proto__", "forbidden_key")
  ),
  refuses(
    "a number must be finite",
    { metadata: '{"a":1e400,"b":[-1e400]}' },
    {
      error: "validation_failed",
      issues: [
        ["metadata.a", "not_finite"],
        ["metadata.b.0", "not_finite"]
      ]
    }
  ),
  {
    ...refuses(
      "an integer must fit a double",
      { metadata: '{"a":9007199254740993}' },
      refused("metadata.a", "unsafe_number")
    ),
    except: { GraphQL: "the literal of a variable cannot be seen" }
  },
  refuses("containers may not be nested 17 deep", metadata({ a: nested(17) }), {
    error: "validation_failed",
    issues: [[`metadata.a${".0".repeat(16)}`, "too_deep"]]
  }),
  refuses("one update may not set 51 keys", metadata(keys(51)), refused("metadata", "too_many_keys")),
  one("§4 limits", "one update may remove more", {
    input: metadata({ ...keys(49), ...Object.fromEntries(Object.keys(keys(20, 100)).map((name) => [name, null])) }),
    is: { session: { revision: 2 } }
  }),
  refuses("there may not be 51 keys after the merge", metadata(keys(50)), refused("metadata", "too_many_keys")),
  refuses(
    "the whole map may not have more than 262,144 bytes",
    metadata(Object.fromEntries(Object.keys(keys(17)).map((name) => [name, "x".repeat(16_000)]))),
    refused("metadata", "too_large")
  ),
  refuses(
    "every violated rule is listed at once",
    { externalRef: json("x".repeat(256)), metadata: '{"":1,"a":1e400,"b":"\\u0000"}' },
    {
      error: "validation_failed",
      issues: [
        ["externalRef", "too_long"],
        ["metadata.", "empty_key"],
        ["metadata.a", "not_finite"],
        ["metadata.b", "invalid_text"]
      ]
    },
    "§4 all errors at once"
  ),
  {
    ...refuses(
      "any other field is refused by name",
      { status: json("completed"), tags: "[]" },
      {
        error: "validation_failed",
        issues: [
          ["status", "immutable_field"],
          ["tags", "immutable_field"]
        ]
      }
    ),
    except: { GraphQL: "the schema has no such field: the document is invalid" }
  }
]

const creation: ReadonlyArray<Case> = [
  one("§2 session", "a creation may be empty", {
    does: "create",
    is: {
      session: {
        status: "pending",
        isSandbox: true,
        externalRef: null,
        metadata: {},
        country: null,
        checks: null,
        tags: [],
        retentionStatus: "active",
        tokenExpiresAt: "1970-01-01T00:20:00.000Z",
        revision: 1
      }
    }
  }),
  one("§2 session", "a creation keeps what it is given", {
    does: "create",
    input: {
      ...metadata({ a: { b: null } }),
      country: json("NZ"),
      checks: json(["id"]),
      workflowId: json("w"),
      redirectUrl: json("https://example.com"),
      tags: json(["b", "a"])
    },
    is: {
      session: {
        metadata: { a: { b: null } },
        country: "NZ",
        checks: ["id"],
        workflowId: "w",
        redirectUrl: "https://example.com",
        tags: ["b", "a"]
      }
    }
  }),
  one("§2 session", "a creation lists every rule it breaks", {
    does: "create",
    input: {
      country: json("XX"),
      redirectUrl: json("ftp://x"),
      tags: json(["a", "a"]),
      ...metadata({ a: "x".repeat(16_383) })
    },
    is: {
      error: "validation_failed",
      issues: [
        ["country", "unknown_value"],
        ["redirectUrl", "unknown_value"],
        ["tags.1", "unknown_value"],
        ["metadata.a", "too_large"]
      ]
    }
  }),
  {
    rule: "§3 lapse",
    name: "a session whose token has run out is expired, one revision further, and takes updates",
    steps: [
      { does: "get", after: "20 minutes", is: { session: { status: "expired", revision: 2, captureUrl: null } } },
      { does: "update", input: metadata({ a: 1 }), is: { session: { status: "expired", revision: 3 } } }
    ]
  }
]

const concurrency: ReadonlyArray<Case> = [
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

const broken = { externalRef: json("x".repeat(256)) }

const precedence: ReadonlyArray<Case> = [
  one("§4 precedence", "who asks comes before the version", {
    by: "nobody",
    version: "x",
    is: { error: "unauthorized" }
  }),
  one("§4 precedence", "the version comes before the casing", {
    version: "x",
    inflection: "x",
    is: { error: "unsupported_version" }
  }),
  one("§4 precedence", "the casing comes before the idempotency key", {
    inflection: "x",
    idempotencyKey: "a b",
    is: { error: "invalid_inflection" }
  }),
  one("§4 precedence", "the idempotency key comes before the scope", {
    by: "reader",
    idempotencyKey: "a b",
    is: { error: "invalid_idempotency_key" }
  }),
  one("§4 precedence", "the scope comes before the input", {
    by: "reader",
    input: broken,
    is: { error: "insufficient_scope" }
  }),
  one("§4 precedence", "the input comes before the session", {
    id: "ses_00000000000000000000000000",
    input: broken,
    is: { error: "validation_failed" }
  }),
  {
    rule: "§4 precedence",
    name: "the input comes before the stored outcome, and that before the session",
    steps: [
      { does: "update", idempotencyKey: "k", input: metadata({ a: 1 }), is: {} },
      { does: "update", idempotencyKey: "k", input: broken, is: { error: "validation_failed" } },
      {
        does: "update",
        idempotencyKey: "k",
        id: "ses_00000000000000000000000000",
        input: metadata({ a: 1 }),
        is: { error: "idempotency_mismatch" }
      }
    ]
  },
  {
    rule: "§4 precedence",
    name: "redaction comes before the revision, and the revision before the merged result",
    steps: [
      { does: "update", expectedRevision: 7, input: metadata(keys(50)), is: { error: "revision_mismatch" } },
      { does: "redact", is: {} },
      { does: "update", expectedRevision: 7, is: { error: "session_redacted" } }
    ]
  }
]

const tenancy: ReadonlyArray<Case> = [
  ...(["neighbour", "live"] as const).flatMap((by) =>
    (["get", "update", "redact"] as const).map((does) =>
      one("§1 tenancy", `to ${by}, a ${does} finds nothing`, { does, by, is: { error: "not_found" } })
    )
  ),
  ...["ses_00000000000000000000000000", "ses_x", "key_00000000000000000000000000", "x"].map((id) =>
    one("§1 tenancy", `an id that was never issued, such as ${id}, is not found`, { id, is: { error: "not_found" } })
  ),
  one("§1 scopes", "who may not read gets nothing to read", {
    does: "get",
    by: "writer",
    is: { error: "insufficient_scope" }
  }),
  one("§1 scopes", "who may read only changes nothing", { by: "reader", is: { error: "insufficient_scope" } }),
  one("§1 scopes", "nor makes anything", { does: "create", by: "writer", is: { error: "insufficient_scope" } }),
  one("§1 scopes", "nor erases anything", { does: "redact", by: "writer", is: { error: "insufficient_scope" } })
]

const idempotency: ReadonlyArray<Case> = [
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

const redaction: ReadonlyArray<Case> = [
  {
    rule: "§9 redaction",
    name: "what is personal is gone, and redacting again succeeds and says so",
    steps: [
      { does: "redact", is: { alreadyRedacted: false, replayed: false } },
      {
        does: "get",
        is: {
          session: {
            externalRef: null,
            metadata: {},
            tags: [],
            retentionStatus: "redacted",
            captureUrl: null,
            revision: 2
          }
        }
      },
      { does: "redact", is: { alreadyRedacted: true, replayed: false } },
      { does: "get", is: { session: { revision: 2 } } }
    ]
  },
  {
    rule: "§9 redaction",
    name: "a retry of the redaction itself is replayed",
    steps: [
      { does: "redact", idempotencyKey: "k", is: { alreadyRedacted: false, replayed: false } },
      { does: "redact", idempotencyKey: "k", is: { alreadyRedacted: false, replayed: true } }
    ]
  },
  {
    rule: "§6 redaction",
    name: "a retry of what came before finds a tombstone, and so does a retry of the creation",
    steps: [
      { does: "create", makes: "new", idempotencyKey: "c", input: metadata({ a: 1 }), is: {} },
      { does: "update", ofSession: "new", idempotencyKey: "u", input: metadata({ a: 2 }), is: {} },
      { does: "redact", ofSession: "new", is: {} },
      {
        does: "update",
        ofSession: "new",
        idempotencyKey: "u",
        input: metadata({ a: 2 }),
        is: { error: "session_redacted" }
      },
      { does: "create", idempotencyKey: "c", input: metadata({ a: 1 }), is: { error: "session_redacted" } },
      { does: "update", idempotencyKey: "u", input: metadata({ a: 2 }), is: { error: "idempotency_mismatch" } },
      { does: "update", ofSession: "new", is: { error: "session_redacted" } }
    ]
  }
]

const headers: ReadonlyArray<Case> = [
  ...["2026-01-01", "2026-02-01"].map((version) =>
    one("§7 versions", `${version} is answered`, { version, is: { session: unchanged } })
  ),
  ...["2026-01-02", "2026", "latest", ""].map((version) =>
    one("§7 versions", `${json(version)} is not: a date is never rounded`, {
      version,
      is: { error: "unsupported_version" }
    })
  ),
  ...["snake", "camel", "kebab"].map((inflection) =>
    one("§8 inflection", `${inflection} is a casing, and metadata is never touched`, {
      inflection,
      input: metadata({ a_b: { cD: 1 } }),
      is: { session: { metadata: { tier: "gold", a_b: { cD: 1 } } } }
    })
  ),
  ...["Snake", "pascal", "snake, camel", ""].map((inflection) =>
    one("§8 inflection", `${json(inflection)} is none`, { inflection, is: { error: "invalid_inflection" } })
  )
]

/** Every case. */
export const cases: ReadonlyArray<Case> = [
  ...merge,
  ...reference,
  ...nothing,
  ...limits,
  ...creation,
  ...concurrency,
  ...precedence,
  ...tenancy,
  ...idempotency,
  ...redaction,
  ...headers
]

/** The cases of creation, tenancy, versions and casing (contract §1, §2, §7, §8). */
import { json, metadata, one, unchanged } from "./Case.ts"
import type { Case } from "./Case.ts"

/** What a session begins with. */
export const creation: ReadonlyArray<Case> = [
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

/** What belongs to another does not exist. */
export const tenancy: ReadonlyArray<Case> = [
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

/** Versions and casing. */
export const headers: ReadonlyArray<Case> = [
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

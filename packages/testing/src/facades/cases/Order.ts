/** The cases of the order of the checks, and of redaction (contract §4, §9). */
import { broken, keys, metadata, one } from "./Case.ts"
import type { Case } from "./Case.ts"

/** The contract's order of the checks. */
export const precedence: ReadonlyArray<Case> = [
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

/** What is erased stays erased. */
export const redaction: ReadonlyArray<Case> = [
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

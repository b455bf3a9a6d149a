/** The cases of what may be sent: sizes, depth, text and numbers (contract §4). */
import { json, keys, metadata, nested, one, refused, refuses } from "./Case.ts"
import type { Case } from "./Case.ts"

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

/** What may be sent, and what is refused. */
export const limits: ReadonlyArray<Case> = [
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
  refuses(
    "an integer must fit a double",
    { metadata: '{"a":9007199254740993}' },
    refused("metadata.a", "unsafe_number")
  ),
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

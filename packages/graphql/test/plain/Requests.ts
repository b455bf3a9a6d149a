/** Requests of every kind, good and bad: what a client may send to the endpoint by POST. */
import { secret } from "../protocol/World.ts"

/** A request: its body, and headers beside the usual ones. A header that is `undefined` is not sent. */
export interface Sent {
  readonly body: string | Uint8Array
  readonly headers: Readonly<Record<string, string | undefined>>
}

const ask = (query: unknown, rest: object = {}) => JSON.stringify({ query, ...rest })

const create = `mutation ($metadata: JSONObject) {
  createSession(input: { metadata: $metadata }) {
    __typename
    ... on CreateSessionSuccess { replayed session { id externalRef metadata revision updatedAt } }
    ... on ConflictError { code message operation }
    ... on UnprocessableError { code message issues { path code message } }
  }
}`

const update = (id: string, input: string) => `mutation {
  updateSession(id: "${id}", input: ${input}) {
    __typename
    ... on UpdateSessionSuccess { replayed session { id metadata } }
    ... on NotFoundError { code message }
    ... on UnprocessableError { code message issues { path code message } }
    ... on ConflictError { code message currentRevision }
  }
}`

const twice = (one: string, other: string) => `mutation {
  a: createSession(input: {}) @idempotent(key: "${one}") { ... on CreateSessionSuccess { replayed session { revision } } }
  b: createSession(input: {}) @idempotent(key: "${other}") { ... on CreateSessionSuccess { replayed session { revision } } }
}`

/** Bodies, each with what it is. */
const bodies: ReadonlyArray<readonly [string, string | Uint8Array]> = [
  ["a query", ask("{ viewer { organization scopes environmentKind } }")],
  ["no data", ask("{ __typename }")],
  ["introspection", ask("{ __schema { queryType { name } } }")],
  ["variables", ask("query ($n: Int!) { number(value: $n) }", { variables: { n: 7 } })],
  ["variables that are null", ask("{ number }", { variables: null, operationName: null, extensions: null })],
  ["an operation's name", ask("query A { number } query B { address }", { operationName: "B" })],
  ["no operation's name", ask("query A { number } query B { address }")],
  ["a wrong name", ask("query A { number }", { operationName: secret })],
  ["a fragment", ask("{ ...f } fragment f on Query { viewer { organization } number @skip(if: true) }")],
  ["a mutation", ask(create, { variables: { metadata: { tier: "gold", ключ: ["é", 1.5, null, "\u{1f600}"] } } })],
  ["bad metadata", ask(create, { variables: { metadata: { "": "x".repeat(10_000) } } })],
  ["a session that is not there", ask(update("ses_00000000000000000000000404", "{}"))],
  ["an identifier that is none", ask(update(secret, "{}"))],
  ["two mutations", ask(twice("one", "two"))],
  ["two mutations of one key", ask(twice("same", "same"))],
  ["a key that is none", ask(twice("a b", "two"))],
  ["a list", ask("{ sessions(first: 2) { edges { cursor node { id } } pageInfo { hasNextPage } } }")],
  ["a list that is too long", ask("{ sessions(first: 101) { edges { node { id } } } }")],
  ["a bad cursor", ask(`{ sessions(after: "${secret}") { edges { node { id } } } }`)],
  ["a field that throws", ask("{ throws number }")],
  ["a field that dies", ask("{ dies number }")],
  ["a field that is unavailable", ask("{ unavailable }")],
  ["a field that is called off", ask("{ isCalledOff }")],
  ["a field that sets a status", ask("{ setsStatus }")],
  ["a field that answers garbage", ask("{ answersGarbage }")],
  ["a field that is needed", ask("{ needed }")],
  ["a mutation that throws", ask(`mutation { note(text: "x") throwsToo }`)],
  ["a subscription", ask("subscription { number }")],
  ["a syntax error", ask(`{ number(value: "${secret}" }`)],
  ["no document", ask("")],
  ["an unknown field", ask("{ nothing { at all } }")],
  [
    "many unknown fields",
    ask(
      `{ ${Array.from({ length: 40 }, (_, n) => `a${n}: no${n}`)
        .slice(0, 9)
        .join(" ")} }`
    )
  ],
  ["a bad literal", ask(`{ echo(status: ${secret.split("@")[0]?.replaceAll("-", "_")}) }`)],
  ["a bad variable", ask("query ($n: Int!) { number(value: $n) }", { variables: { n: secret } })],
  ["a variable that is missing", ask("query ($n: Int!) { number(value: $n) }")],
  ["a null that its default hides", ask("query ($n: Int = 1) { number(value: $n) }", { variables: { n: null } })],
  [
    "bad input",
    ask("query ($i: CreateSessionInput) { echo(input: $i) }", { variables: { i: { [secret]: 1, tags: 1 } } })
  ],
  [
    "an integer that is too large",
    `{"query":"query ($j: JSONObject) { echo(json: $j) }","variables":{"j":{"n":9007199254740993}}}`
  ],
  ["too many aliases", ask(`{ ${Array.from({ length: 16 }, (_, n) => `a${n}: __typename`).join(" ")} }`)],
  ["too many root fields", ask(`{ ${Array.from({ length: 11 }, (_, n) => `a${n}: number`).join(" ")} }`)],
  ["too much depth", ask(`{ viewer ${"{ a ".repeat(12)}${"}".repeat(12)} }`)],
  ["too many tokens", ask(`{ ${"number ".repeat(2_001)} }`)],
  [
    "too high a cost",
    ask(
      "{ a: sessions(first: 100) { edges { node { id } } } b: sessions(first: 100) { edges { node { id } } } c: sessions(first: 100) { edges { node { id } } } d: sessions(first: 100) { edges { node { id } } } }"
    )
  ],
  ["nothing", ""],
  ["spaces", "   "],
  ["no JSON", `{"query": "${secret}`],
  ["a batch", `[${ask("{ __typename }")}]`],
  ["an empty batch", "[]"],
  ["null", "null"],
  ["text", `"${secret}"`],
  ["no query", "{}"],
  ["a query that is none", ask({ text: secret })],
  ["another parameter", ask("{ __typename }", { [secret]: 1 })],
  ["variables that are a list", ask("{ __typename }", { variables: [] })],
  ["extensions that are text", ask("{ __typename }", { extensions: secret })],
  ["a name twice", `{"query":"{ __typename }","query":"{ number }"}`],
  ["__proto__", `{"query":"{ __typename }","__proto__":{"x":1}}`],
  ["no UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d)],
  ["a mark of byte order", `\u{feff}${ask("{ __typename }")}`]
]

/** Headers, each with what they are. A request needs no more of them than it has. */
const headings: ReadonlyArray<readonly [string, Sent["headers"]]> = [
  ["no key", { "x-api-key": undefined }],
  ["a bad key", { "x-api-key": secret }],
  ["an empty key", { "x-api-key": "" }],
  ["a request id", { "x-request-id": "mine-1" }],
  ["a bad request id", { "x-request-id": "ä b" }],
  ["an idempotency key", { "idempotency-key": `"again"` }],
  ["a bad idempotency key", { "idempotency-key": "a b" }],
  ["snake", { "key-inflection": "snake" }],
  ["kebab", { "key-inflection": "kebab" }],
  ["a bad inflection", { "key-inflection": secret }],
  ["an older version", { "verifa-version": "2026-01-01" }],
  ["an unknown version", { "verifa-version": "1999-01-01" }],
  ["a listed origin", { origin: "https://app.example.com" }],
  ["another origin", { origin: "https://evil.example.com" }],
  ["a proxy", { "x-forwarded-for": "203.0.113.9, 10.0.0.1" }],
  ["no type", { "content-type": undefined }],
  ["a charset", { "content-type": "Application/JSON; charset=UTF-8" }],
  ["another charset", { "content-type": "application/json; charset=latin1" }],
  ["a form", { "content-type": "application/x-www-form-urlencoded" }],
  ["text", { "content-type": "text/plain" }],
  ["GraphQL's type", { "content-type": "application/graphql" }],
  ["an encoding", { "content-encoding": "gzip" }],
  ["no encoding", { "content-encoding": "identity" }]
]

const accepts = [
  "application/json",
  "application/graphql-response+json",
  "application/graphql-response+json, application/json;q=0.9",
  "application/json, application/graphql-response+json",
  "application/json;q=0.5, */*",
  "APPLICATION/JSON",
  "application/*",
  "*/*;q=0.1",
  "text/html, application/json",
  "text/event-stream, application/json",
  "multipart/mixed, application/json",
  "application/json; charset=utf-8",
  "application/json; charset=latin1",
  "application/json; charset=latin1, text/event-stream",
  "text/html",
  "image/*",
  "",
  ","
]

/** Every body, every heading and every `Accept`: each once by itself, and some of them together. */
export const requests: ReadonlyArray<readonly [string, Sent]> = [
  ...bodies.map(([what, body]) => [what, { body, headers: {} }] as const),
  ...bodies.map(
    ([what, body]) =>
      [`${what}, answered as GraphQL`, { body, headers: { accept: "application/graphql-response+json" } }] as const
  ),
  ...["a query", "a mutation", "two mutations", "no data", "a bad variable", "no JSON"].flatMap((what) =>
    bodies
      .filter(([name]) => name === what)
      .flatMap(([, body]) => {
        const headed = headings.map(([name, headers]) => [`${what}, ${name}`, { body, headers }] as const)
        const accepting = accepts.map(
          (accept) => [`${what}, accepting ${accept}`, { body, headers: { accept } }] as const
        )
        return headed.concat(accepting)
      })
  )
]

/** `holdfast start`, as a process. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { ask, jsonOf, send } from "../server/Http.ts"
import { temporaryDirectory } from "../TemporaryDirectory.ts"
import { holdfast, startServer } from "./Holdfast.ts"

const demoOf = (cwd: string): { readonly key: string; readonly session: string } =>
  JSON.parse(readFileSync(`${cwd}/data/dev.json`, "utf8")).demo

const update = (url: string, { key, session }: { readonly key: string; readonly session: string }, tier: string) =>
  ask(
    url,
    `mutation { updateSession(id: "${session}", input: { metadata: { tier: "${tier}" } }) {
      ... on UpdateSessionSuccess { session { revision metadata } } } }`,
    { "x-api-key": key }
  )

const production = { NODE_ENV: "production", HOLDFAST_PEPPER: "a secret for the tests, and for nothing else" }

it.live("serves in an empty directory, and what was updated is there after the next start", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const first = yield* startServer({ cwd })
    const demo = demoOf(cwd)
    assert.deepInclude(jsonOf(yield* update(first.url, demo, "gold")), {
      data: {
        updateSession: { session: { revision: 2, metadata: { tier: "gold", note: "call back", locale: "en-GB" } } }
      }
    })
    first.signal("SIGTERM")
    const { code, stderr } = yield* first.ended
    assert.strictEqual(code, 0)
    assert.include(stderr, "Made a sandbox key and a session")
    assert.include(stderr, "press Run")

    const second = yield* startServer({ cwd })
    assert.deepStrictEqual(demoOf(cwd), demo)
    const answer = yield* update(second.url, demo, "gold")
    assert.include(answer.body.toString(), '"revision":2')
    second.signal("SIGTERM")
    assert.notInclude((yield* second.ended).stderr, "Made")
  })
)

it.live("puts nothing on stdout, and no secret into the log", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const server = yield* startServer({ cwd, env: { LOG_LEVEL: "all", LOG_FORMAT: "json" } })
    yield* update(server.url, demoOf(cwd), "gold")
    server.signal("SIGINT")
    const { code, stderr, stdout } = yield* server.ended
    assert.deepStrictEqual([code, stdout], [0, ""])
    const { demo, secret } = JSON.parse(readFileSync(`${cwd}/data/dev.json`, "utf8"))
    for (const hidden of [secret, demo.key]) assert.notInclude(stderr, hidden)
    for (const line of stderr.trimEnd().split("\n")) assert.doesNotThrow(() => JSON.parse(line))
  })
)

it.live("answers a request that is under way when it is told to stop", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const server = yield* startServer({ cwd })
    const { key, session } = demoOf(cwd)
    const body = JSON.stringify({
      query: `mutation { updateSession(id: "${session}", input: { metadata: { tier: "late" } }) { __typename } }`
    })
    const head = `POST /graphql HTTP/1.1\r\nHost: test\r\nX-API-Key: ${key}\r\nContent-Type: application/json\r\n`
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    let answer = ""
    socket.on("data", (chunk) => (answer += String(chunk)))
    yield* Effect.promise(() => new Promise<void>((resolve) => socket.once("connect", resolve)))
    socket.write(`${head}Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`)
    // The server has begun with the request when it asks for the body.
    yield* Effect.promise(() => new Promise((resolve) => socket.once("data", resolve)))
    server.signal("SIGTERM")
    yield* Effect.repeat(Effect.exit(send(`${server.url}/health`)), { until: (exit) => exit._tag === "Failure" })
    socket.write(body)
    assert.strictEqual((yield* server.ended).code, 0)
    assert.match(answer, /HTTP\/1\.1 200 OK[^]*connection: close[^]*"UpdateSessionSuccess"/i)
  })
)

it.live("in production makes nothing, shows nothing and serves whoever has a key", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const server = yield* startServer({ cwd, env: production })
    assert.throws(() => demoOf(cwd))
    const made = yield* holdfast(["keys", "list", "--organization", "demo"], { cwd, env: production })
    assert.deepStrictEqual([made.code, made.stderr], [1, "There is no such organization\n"])
    const { stdout: key } = yield* holdfast(["keys", "create", "-o", "acme", "-e", "live"], { cwd, env: production })
    const answer = yield* ask(server.url, "{ viewer { organization } }", { "x-api-key": key.trim() })
    assert.strictEqual(answer.body.toString(), '{"data":{"viewer":{"organization":"acme"}}}')
    const introspection = yield* ask(server.url, "{ __schema { queryType { name } } }", { "x-api-key": key.trim() })
    assert.notInclude(introspection.body.toString(), '"data"')
    const page = yield* send(`${server.url}/graphql`, { headers: { accept: "text/html" } })
    assert.notInclude(page.headers["content-type"] ?? "", "text/html")
  })
)

it.live("in production does not start without its secret, and says what to set", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const { code, stderr, stdout } = yield* holdfast(["start"], { cwd, env: { NODE_ENV: "production" } })
    assert.deepStrictEqual([code, stdout], [1, ""])
    assert.match(stderr, /^HOLDFAST_PEPPER is not set; in production it takes .*\n$/)
  })
)

it.live("does not start with a variable that is wrong: one line each", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const { code, stderr } = yield* holdfast(["start"], { cwd, env: { PORT: "x", DATABASE_URL: "mysql://hunter2@db" } })
    assert.strictEqual(code, 1)
    assert.deepStrictEqual(stderr.split("\n"), [
      "PORT takes a port from 0 to 65535; 0 takes a free one",
      "DATABASE_URL takes sqlite:<path>, sqlite::memory: or postgres://user:password@host/database",
      ""
    ])
  })
)

it.live("does not start on a port that is taken", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const { port } = new URL((yield* startServer({ cwd })).url)
    const { code, stderr } = yield* holdfast(["start"], { cwd, env: { PORT: port } })
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr, `PORT ${port} is in use on 127.0.0.1: stop what listens there, or set PORT to another\n`)
  })
)

it.live("does not start on a file that is no database", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    mkdirSync(`${cwd}/data`)
    writeFileSync(`${cwd}/data/holdfast.db`, "not a database, but long enough to be taken for one".repeat(20))
    const { code, stderr } = yield* holdfast(["start"], { cwd })
    assert.deepStrictEqual(
      [code, stderr],
      [1, "The database data/holdfast.db could not be opened: file is not a database\n"]
    )
  })
)

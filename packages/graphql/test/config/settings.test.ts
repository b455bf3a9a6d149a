import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Redacted } from "effect"
import { nameOf } from "../../src/config/Database.ts"
import { httpUrl, settings } from "../../src/config/Settings.ts"

const read = (env: Record<string, string>) =>
  Effect.provideService(settings, ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

const problems = (env: Record<string, string>) =>
  read(env).pipe(
    Effect.flip,
    Effect.map((error) => error.message.split("\n"))
  )

const pepper = "0123456789abcdef0123456789abcdef"

const wrong: ReadonlyArray<readonly [name: string, value: string]> = [
  ["HOST", "a b"],
  ["HOST", "127.0.0.1:4000"],
  ["PORT", "70000"],
  ["PORT", "http"],
  ["DATABASE_URL", "mysql://user:hunter2@host/db"],
  ["DATABASE_READ_CONNECTIONS", "0"],
  ["DATABASE_COMMIT_CONNECTIONS", "many"],
  ["DATABASE_CONNECT_TIMEOUT", "1"],
  ["DATABASE_STATEMENT_TIMEOUT", "60000"],
  ["DATABASE_POOLER", "pgbouncer"],
  ["DATABASE_URL", "sqlite:"],
  ["DATABASE_URL", "sqlite://data/holdfast.db"],
  ["HOLDFAST_PEPPER", "hunter2"],
  ["HOLDFAST_PEPPER_PREVIOUS", `${pepper},hunter2`],
  ["HOLDFAST_PEPPER_PREVIOUS", `${pepper},`],
  ["HOLDFAST_PUBLIC_URL", "id.example.com"],
  ["HOLDFAST_PUBLIC_URL", "https://me:hunter2@id.example.com"],
  ["TRUST_PROXY", "10.0.0.0/64"],
  ["CORS_ORIGINS", "https://a.example.com/"],
  ["CORS_ORIGINS", "*"],
  ["LOG_LEVEL", "loud"],
  ["LOG_FORMAT", "xml"]
]

describe("settings", () => {
  it.effect("suit development where nothing is set, or set to nothing", () =>
    Effect.gen(function* () {
      const expected = {
        production: false,
        host: "127.0.0.1",
        port: 4000,
        database: { engine: "sqlite", filename: "data/holdfast.db" },
        pepper: null,
        previousPeppers: [],
        publicUrl: null,
        trustProxy: [],
        corsOrigins: [],
        logLevel: "Info",
        logFormat: "pretty"
      }
      assert.deepStrictEqual(yield* read({}), expected as never)
      assert.deepStrictEqual(yield* read({ PORT: "", HOLDFAST_PEPPER: " ", NODE_ENV: "test" }), expected as never)
    })
  )

  it.effect("take every variable", () =>
    Effect.gen(function* () {
      const found = yield* read({
        NODE_ENV: "production",
        HOST: "::1",
        PORT: "0",
        DATABASE_URL: "sqlite::memory:",
        HOLDFAST_PEPPER: pepper,
        HOLDFAST_PEPPER_PREVIOUS: `${pepper}1, ${pepper}2`,
        HOLDFAST_PUBLIC_URL: "https://id.example.com/verify/",
        TRUST_PROXY: "10.0.0.0/8, ::1",
        CORS_ORIGINS: "https://a.example.com,http://localhost:3000",
        LOG_LEVEL: "debug",
        LOG_FORMAT: "LogFmt"
      })
      const { pepper: current, previousPeppers, ...rest } = found
      assert.deepStrictEqual(rest, {
        production: true,
        host: "::1",
        port: 0,
        database: { engine: "sqlite", filename: ":memory:" },
        publicUrl: "https://id.example.com/verify",
        trustProxy: ["10.0.0.0/8", "::1"],
        corsOrigins: ["https://a.example.com", "http://localhost:3000"],
        logLevel: "Debug",
        logFormat: "logfmt"
      })
      assert.deepStrictEqual(
        [current, ...previousPeppers].map((secret) => secret && Redacted.value(secret)),
        [pepper, `${pepper}1`, `${pepper}2`]
      )
    })
  )

  it.effect("take PostgreSQL, with what only it has a use for, and show no password", () =>
    Effect.gen(function* () {
      const url = "postgres://holdfast:hunter2@db.example.com:5433/ids"
      const plain = (yield* read({ DATABASE_URL: url })).database
      assert.deepStrictEqual(Object.keys(plain).toSorted(), ["engine", "url"])
      const { database } = yield* read({
        DATABASE_URL: url,
        DATABASE_READ_CONNECTIONS: "2",
        DATABASE_COMMIT_CONNECTIONS: "8",
        DATABASE_CONNECT_TIMEOUT: "500",
        DATABASE_STATEMENT_TIMEOUT: "1500",
        DATABASE_POOLER: "true"
      })
      assert.deepInclude(database, {
        engine: "postgres",
        readConnections: 2,
        commitConnections: 8,
        connectTimeout: Duration.millis(500),
        statementTimeout: Duration.millis(1_500),
        pooler: true
      })
      assert.strictEqual(nameOf(database), "db.example.com:5433/ids")
      assert.notInclude(JSON.stringify(database), "hunter2")
    })
  )

  it.effect("write JSON lines in production", () =>
    Effect.gen(function* () {
      const found = yield* read({ NODE_ENV: "production", HOLDFAST_PEPPER: pepper })
      assert.strictEqual(found.logFormat, "json")
    })
  )

  it.effect("say what to set where production lacks its secret", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* problems({ NODE_ENV: "production", HOLDFAST_PEPPER_PREVIOUS: pepper }), [
        "HOLDFAST_PEPPER is not set; in production it takes at least 32 bytes of secret, such as the output of `openssl rand -base64 48`"
      ])
    })
  )

  it.effect.each(wrong)(
    "refuse %s=%s in one line that names the variable and repeats nothing of the value",
    ([name, value]) =>
      Effect.gen(function* () {
        const [line, ...more] = yield* problems({ [name]: value })
        assert.match(line ?? "", new RegExp(`^${name} takes `))
        assert.notInclude(line ?? "", "hunter2")
        assert.deepStrictEqual(more, [])
      })
  )

  it.effect("report everything that is wrong at once", () =>
    Effect.gen(function* () {
      const lines = yield* problems({ PORT: "x", LOG_LEVEL: "x", NODE_ENV: "production" })
      assert.deepStrictEqual(
        new Set(lines.map((line) => line.split(" ", 1)[0])),
        new Set(["PORT", "LOG_LEVEL", "HOLDFAST_PEPPER"])
      )
    })
  )
})

describe("the address of a server", () => {
  it.each([
    ["127.0.0.1", "http://127.0.0.1:80"],
    ["0.0.0.0", "http://127.0.0.1:80"],
    ["::", "http://127.0.0.1:80"],
    ["::1", "http://[::1]:80"],
    ["localhost", "http://localhost:80"]
  ])("that listens on %s is %s", (host, url) => assert.strictEqual(httpUrl(host, 80), url))
})

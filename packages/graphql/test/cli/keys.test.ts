/** `holdfast keys`, as a process beside a running server. */
import { assert, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { ask } from "../server/Http.ts"
import { temporaryDirectory } from "../TemporaryDirectory.ts"
import { holdfast, startServer } from "./Holdfast.ts"

const words = (line: string) => line.split(" ")

const viewer = (url: string, key: string) =>
  Effect.map(ask(url, "{ viewer { organization environmentKind scopes } }", { "x-api-key": key }), ({ body, status }) =>
    status === 200 ? JSON.parse(body.toString()).data.viewer : status
  )

it.live("a key made beside a running server is good at once, and refused soon after it is revoked", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const { url } = yield* startServer({ cwd })
    const run = (line: string) => holdfast(words(line), { cwd })

    const created = yield* run("keys create --organization acme --environment sandbox --scope sessions:write")
    assert.strictEqual(created.code, 0)
    assert.match(created.stdout, /^vk_sandbox_\w+\n$/)
    assert.strictEqual(created.stderr, "Made the organization acme with its environments live and sandbox\n")
    const first = created.stdout.trim()
    assert.deepStrictEqual(yield* viewer(url, first), {
      organization: "acme",
      environmentKind: "SANDBOX",
      scopes: ["sessions:write"]
    })

    const [listed] = JSON.parse((yield* run("keys list --organization acme --json")).stdout)
    const rotated = yield* run(`keys rotate ${listed.id} --overlap 1h`)
    const second = rotated.stdout.trim()
    assert.notStrictEqual(second, first)
    for (const key of [first, second]) assert.strictEqual((yield* viewer(url, key)).organization, "acme")

    const revoked = yield* run(`keys revoke ${listed.id}`)
    assert.deepStrictEqual([revoked.code, revoked.stdout, revoked.stderr], [0, "", `Revoked ${listed.id}\n`])
    const refused = (key: string) =>
      viewer(url, key).pipe(
        Effect.repeat({ until: (seen) => seen === 401, schedule: Schedule.spaced("100 millis") }),
        Effect.timeout("6 seconds")
      )
    yield* Effect.all([refused(first), refused(second)], { concurrency: 2 })
  })
)

it.live("a key is made as its flags say, and shown to scripts as JSON", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const { code, stdout } = yield* holdfast(
      [
        ...words("keys create -o acme -e live --scope sessions:read --scope redact:write --scope sessions:read"),
        ...words(
          "--expires-at 2999-01-31 --allow 10.0.0.0/8 --allow ::1 --api-version 2026-01-01 --inflection camel --json"
        ),
        "--label",
        "the shop's checkout"
      ],
      { cwd }
    )
    const { createdAt, environmentId, id, key, ...rest } = JSON.parse(stdout)
    assert.strictEqual(code, 0)
    assert.match(key, new RegExp(`^vk_live_${id.slice(4)}_`))
    assert.match(environmentId, /^env_/)
    assert.match(createdAt, /^\d{4}-.*Z$/)
    assert.deepStrictEqual(rest, {
      organization: "acme",
      environment: "live",
      label: "the shop's checkout",
      scopes: ["sessions:read", "redact:write"],
      apiVersion: "2026-01-01",
      inflection: "camel",
      allow: ["10.0.0.0/8", "::1"],
      expiresAt: "2999-01-31T00:00:00.000Z",
      revokedAt: null,
      lastUsedAt: null
    })
  })
)

it.live("a list shows people the keys and never a secret", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const run = (...args: ReadonlyArray<string>) => holdfast(args, { cwd })
    const live = yield* run("keys", "create", "-o", "acme", "-e", "live", "--label", "till\u001b[2J")
    const sandbox = yield* run("keys", "create", "-o", "acme", "-e", "sandbox")
    const { stdout } = yield* run("keys", "list", "-o", "acme")
    const [title, ...rows] = stdout.trimEnd().split("\n")
    assert.match(title ?? "", /^ID +ENVIRONMENT +STATE +CREATED +LAST USED +SCOPES +LABEL$/)
    assert.deepStrictEqual(
      rows.map((row) => row.split(/ {2,}/)[1]),
      ["sandbox", "live"]
    )
    for (const { stdout: key } of [live, sandbox]) assert.notInclude(stdout, key.trim())
    assert.notInclude(stdout, "\u001b")
    const { stdout: only } = yield* run("keys", "list", "-o", "acme", "-e", "live")
    assert.strictEqual(only.trimEnd().split("\n").length, 2)
  })
)

it.live("what is not there is a failure", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const unknown = "key_00000000000000000000000000"
    for (const [line, message] of [
      ["keys list -o nobody", "There is no such organization"],
      [`keys rotate ${unknown}`, "There is no such key that is still good"],
      [`keys revoke ${unknown}`, "There is no such key"]
    ] as const) {
      const { code, stderr, stdout } = yield* holdfast(words(line), { cwd })
      assert.deepStrictEqual([code, stderr, stdout], [1, `${message}\n`, ""])
    }
  })
)

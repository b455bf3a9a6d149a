/** How the command line explains itself, and how it refuses a call that makes no sense. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestConsole } from "effect/testing"
import { existsSync, readdirSync } from "node:fs"
import { main } from "../../src/cli/Main.ts"
import { temporaryDirectory } from "../TemporaryDirectory.ts"
import { holdfast } from "./Holdfast.ts"

/** Runs a command line in this process. */
const run = Effect.fnUntraced(function* (line: string) {
  const code = yield* Effect.match(main(line.split(" ")), { onSuccess: () => 0, onFailure: (ended) => ended.code })
  const stdout = (yield* TestConsole.logLines).join("\n")
  return { code, stdout, stderr: (yield* TestConsole.errorLines).join("\n") }
})

describe("help", () => {
  it.effect.each(["start", "migrate", "keys create", "keys list", "keys rotate", "keys revoke"])(
    "of `%s` is on stdout, with a description and examples",
    (command) =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* run(`${command} --help`)
        assert.deepStrictEqual([code, stderr], [0, ""])
        assert.match(stdout, /DESCRIPTION.*\n +\S/)
        assert.match(stdout, /EXAMPLES.*\n +\S/)
      })
  )

  it.effect("names every command", () =>
    Effect.gen(function* () {
      const { stdout } = yield* run("--help")
      for (const command of ["start", "migrate", "keys"]) assert.match(stdout, new RegExp(`\\b${command}\\b.* \\w+`))
    })
  )

  it.effect("that nobody asked for is on stderr, and a refusal", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* run("keys")
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.include(stderr, "SUBCOMMANDS")
    })
  )
})

const refused: ReadonlyArray<readonly [line: string, message: string]> = [
  ["keys create -o acme", "Missing required flag: --environment"],
  ["keys create -o Acme -e live", "--organization: takes 1 to 63 of a-z, 0-9 and -"],
  ["keys create -o acme -e hunter2", "--environment: "],
  ["keys create -o acme -e live --scope hunter2", "--scope: "],
  ["keys create -o acme -e live --allow hunter2", "--allow: takes an IP address or a network"],
  ["keys create -o acme -e live --expires-in hunter2", "--expires-in: takes a length of time"],
  ["keys create -o acme -e live --expires-at hunter2", "--expires-at: takes a date"],
  ["keys create -o acme -e live --expires-at 1969-01-01", "--expires-at takes a time that is still to come"],
  ["keys create -o acme -e live --expires-in 1d --expires-at 2999-01-01", "exclude each other"],
  ["keys create -o acme -e live --api-version hunter2", "--api-version: "],
  ["keys rotate", "Missing required argument: id"],
  ["keys revoke vk_live_hunter2", "<id>: takes the id of a key"],
  ["start --hunter", "Unrecognized flag"],
  ["serve", "Unknown subcommand"]
]

it.effect.each(refused)("`%s` is refused on stderr: %s", ([line, message]) =>
  Effect.gen(function* () {
    const { code, stderr, stdout } = yield* run(line)
    assert.deepStrictEqual([code, stdout], [2, ""])
    assert.include(stderr, message)
    assert.match(stderr, /\nSee holdfast.* --help$/)
    assert.notInclude(stderr, "hunter2")
  })
)

describe("as a process", () => {
  it.live("a refusal ends with 2, and did nothing", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { code, stderr, stdout } = yield* holdfast(["keys", "create", "-o", "acme"], { cwd })
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.strictEqual(stderr, "Missing required flag: --environment\nSee holdfast keys create --help\n")
      assert.deepStrictEqual(readdirSync(cwd), [])
    })
  )

  it.live("migrate makes the database and says so", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      for (const _ of ["first", "second"]) {
        const ended = yield* holdfast(["migrate"], { cwd, env: { DATABASE_URL: "sqlite:a/b/c.db" } })
        assert.deepStrictEqual(ended, { code: 0, stdout: "", stderr: "The database a/b/c.db is up to date\n" })
      }
      assert.isTrue(existsSync(`${cwd}/a/b/c.db`))
    })
  )

  it.live("the version is on stdout, and nothing else", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* holdfast(["--version"], { cwd: yield* temporaryDirectory })
      assert.strictEqual(code, 0)
      assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
    })
  )
})

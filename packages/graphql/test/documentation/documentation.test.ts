/** Every example of the documentation, run as a reader would run it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parse, validate } from "graphql"
import { spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { makeSchema } from "../../src/Schema.ts"
import { startServer } from "../cli/Holdfast.ts"
import { unreachableSessions } from "../schema/Ask.ts"
import { temporaryDirectory } from "../TemporaryDirectory.ts"

const root = fileURLToPath(new URL("../../../../", import.meta.url))

const pages = ["README.md", ...readdirSync(`${root}docs`).map((name) => `docs/${name}`)]

/** The code blocks of a page that are in a language. */
const blocks = (page: string, language: string): ReadonlyArray<string> =>
  [...readFileSync(root + page, "utf8").matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, name, code = ""]) =>
    name === language ? [code] : []
  )

const block = (language: string, containing: string, page = "README.md"): string => {
  const found = blocks(page, language).find((code) => code.includes(containing))
  if (found === undefined) throw new Error(`${page} has no ${language} example with ${containing}`)
  return found
}

const run = (command: string, args: ReadonlyArray<string>, cwd: string, env: Record<string, string> = {}) =>
  Effect.promise(
    () =>
      new Promise<string>((resolve, reject) => {
        const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] })
        const output = { stdout: "", stderr: "" }
        child.stdout.on("data", (chunk) => (output.stdout += String(chunk)))
        child.stderr.on("data", (chunk) => (output.stderr += String(chunk)))
        child.once("error", reject)
        child.once("close", (code) => (code === 0 ? resolve(output.stdout) : reject(new Error(output.stderr))))
      })
  )

describe("docs/operations.md", () => {
  const example = (containing: string) => block("sh", containing, "docs/operations.md")

  it.live("makes a whole copy of a database beside the server that uses it", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* startServer({ cwd })
      yield* run("bash", ["-c", example("VACUUM").replace("node_modules/.bin/node", process.execPath)], cwd)
      const copy = new DatabaseSync(`${cwd}/data/backup.db`, { readOnly: true })
      assert.strictEqual(copy.prepare("PRAGMA integrity_check").get()?.["integrity_check"], "ok")
      assert.strictEqual(copy.prepare("SELECT count(*) AS n FROM sessions").get()?.["n"], 1)
      copy.close()
    })
  )

  it.live("names variables that a server takes", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const program = `${example("DATABASE_URL")}\n${process.execPath} ${root}packages/graphql/src/bin.js migrate`
      const refused = yield* Effect.flip(Effect.tryPromise(() => Effect.runPromise(run("bash", ["-c", program], cwd))))
      // Every variable is good; only the server is not there.
      assert.match(String(refused.cause), /The database db\.example\.com could not be opened/)
    })
  )
})

describe("the README", () => {
  it("begins with the two commands", () => {
    assert.deepStrictEqual(blocks("README.md", "sh").slice(0, 2), [
      "npx --yes pnpm@12 start\n",
      "npx --yes pnpm@12 test\n"
    ])
  })

  it.live("updates the demo session by curl, and the same request again answers the first outcome, over REST too", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { url } = yield* startServer({ cwd })
      const answer = (example: string) =>
        Effect.map(run("bash", ["-c", example.replace("http://127.0.0.1:4000", url)], cwd), (text) => JSON.parse(text))
      const updated = { metadata: { tier: "gold", locale: "en-GB" }, revision: 2 }
      for (const replayed of [false, true]) {
        const { data } = yield* answer(block("sh", "/graphql"))
        assert.deepStrictEqual(data.updateSession, { __typename: "UpdateSessionSuccess", replayed, session: updated })
      }
      assert.deepInclude(yield* answer(block("sh", "/api/v1")), updated)
    })
  )

  it.live("prints a key and nothing else", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const [command = "npx", ...args] = block("sh", "keys create").trim().split(" ")
      const printed = yield* run(command, args, root, { DATABASE_URL: `sqlite:${cwd}/holdfast.db` })
      assert.match(printed, /^vk_sandbox_\w+\n$/)
    })
  )

  /** Runs a program of the README; what it printed, and what its comment says that it prints. */
  const program = Effect.fnUntraced(function* (containing: string, cwd: string, args: ReadonlyArray<string> = []) {
    const code = block("ts", containing)
    // Beside this file, so that the packages are found as they are in a reader's own project.
    const file = fileURLToPath(new URL(`${containing}.generated.ts`, import.meta.url))
    yield* Effect.acquireRelease(
      Effect.sync(() => writeFileSync(file, code)),
      () => Effect.sync(() => rmSync(file))
    )
    const printed = yield* run(process.execPath, [file, ...args], cwd)
    const comment = /console\.log\(.*\) \/\/ (.*)$/m.exec(code)?.[1] ?? ""
    return { printed: printed.trim().replaceAll("'", '"'), comment }
  })

  it.live("embeds the library in a program that prints what its comment says", () =>
    Effect.gen(function* () {
      const { comment, printed } = yield* program("layerSqlite", yield* temporaryDirectory)
      assert.strictEqual(printed, comment)
    })
  )

  it.live("asks over REST with the typed client, which answers what its comment says", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { url } = yield* startServer({ cwd })
      const { demo } = JSON.parse(readFileSync(`${cwd}/data/dev.json`, "utf8"))
      const { comment, printed } = yield* program("RestClient", cwd, [url, demo.key])
      assert.strictEqual(printed, comment)
    })
  )
})

describe.each(pages)("%s", (page) => {
  const schema = makeSchema({ sessions: unreachableSessions })

  it("asks only what the schema answers", () => {
    for (const code of blocks(page, "graphql")) {
      assert.deepStrictEqual(
        validate(schema, parse(code)).map((error) => error.message),
        []
      )
    }
  })

  it("links only to what is there", () => {
    for (const [, target = ""] of readFileSync(root + page, "utf8").matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      const from = new URL(page, `file://${root}`)
      assert.isTrue(existsSync(new URL(target, from)), `${page} links to ${target}`)
    }
  })
})

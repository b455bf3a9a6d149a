/**
 * GraphiQL as a newcomer meets it: the server started in an empty directory, a real browser, and Run pressed in each tab.
 * Needs Chromium; where there is none the tests say that they were skipped. Leaves `reports/graphiql.png`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright-core"
import type { Page } from "playwright-core"
import { startServer } from "../cli/Holdfast.ts"
import { temporaryDirectory } from "../TemporaryDirectory.ts"

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync)

const quiet = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // What is not on this machine does not exist.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
]

const screenshot = fileURLToPath(new URL("../../reports/graphiql.png", import.meta.url))

const tabs = ["UpdateSession", "RetrySafely", "NotFound", "InvalidInput", "ReadBack"]

/** A server with its page open, and what the page asked for and complained about. */
const openGraphiQL = Effect.gen(function* () {
  const { url } = yield* startServer({ cwd: yield* temporaryDirectory })
  const browser = yield* Effect.acquireRelease(
    Effect.promise(() => chromium.launch({ executablePath: executablePath ?? "", args: quiet })),
    (browser) => Effect.promise(() => browser.close())
  )
  const page = yield* Effect.promise(() => browser.newPage({ viewport: { width: 1440, height: 900 } }))
  const requested: Array<string> = []
  const complaints: Array<string> = []
  page.on("request", (request) => requested.push(request.url()))
  page.on("websocket", (socket) => requested.push(socket.url()))
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()))
  page.on("pageerror", (error) => complaints.push(error.message))
  const visit = Effect.promise(async () => {
    await page.goto(`${url}/graphql`)
    await page.getByRole("tab").first().waitFor()
  })
  return { page, url, visit, requested, complaints }
})

const titles = (page: Page) => Effect.promise(() => page.getByRole("tab").allInnerTexts())

/** Opens a tab, presses Run, and waits until the answer is shown, by words in it. */
const run = (page: Page, tab: string, words: string) =>
  Effect.promise(async () => {
    await page.getByRole("tab", { name: tab }).click()
    const answered = page.waitForResponse((response) => response.request().postData()?.includes(` ${tab}`) === true)
    // As long as a finger stays down: GraphiQL takes a tenth of a second to notice which operation a tab holds.
    await page.getByRole("button", { name: "Execute query" }).click({ delay: 300 })
    const { data } = await (await answered).json()
    await page.locator(".graphiql-response", { hasText: words }).waitFor()
    return data
  })

const title =
  executablePath === undefined ? "GraphiQL in a browser (skipped: there is no Chromium here)" : "GraphiQL in a browser"

describe.skipIf(executablePath === undefined)(title, () => {
  it.live("opens with five tabs, of which each runs at once, and asks nobody but its own server", () =>
    Effect.gen(function* () {
      const { complaints, page, requested, url, visit } = yield* openGraphiQL
      yield* visit
      assert.deepStrictEqual(yield* titles(page), tabs)

      const updated = (yield* run(page, "UpdateSession", '"tier": "gold"')).updateSession
      assert.deepStrictEqual(updated.session.metadata, { tier: "gold", locale: "en-GB", visits: [1, 2] })
      assert.deepStrictEqual([updated.session.revision, updated.replayed], [2, false])
      yield* Effect.promise(() => page.screenshot({ path: screenshot }))
      const again = (yield* run(page, "UpdateSession", '"tier": "gold"')).updateSession
      assert.strictEqual(again.session.revision, 2)

      for (const replayed of [false, true]) {
        const { updateSession } = yield* run(page, "RetrySafely", `"replayed": ${replayed}`)
        assert.deepStrictEqual([updateSession.replayed, updateSession.session.revision], [replayed, 3])
      }

      yield* run(page, "NotFound", '"code": "NOT_FOUND"')

      const { issues } = (yield* run(page, "InvalidInput", '"code": "VALIDATION_FAILED"')).updateSession
      assert.deepStrictEqual(
        issues.map(({ path }: { readonly path: ReadonlyArray<string> }) => path.join(".")),
        ["metadata.__proto__", "metadata.account", "metadata.limit", "expectedRevision"]
      )

      const { session, viewer } = yield* run(page, "ReadBack", '"organization": "demo"')
      assert.deepStrictEqual([viewer.organization, session.metadata.tier, session.revision], ["demo", "platinum", 3])

      assert.deepStrictEqual(
        requested.filter((asked) => !asked.startsWith(`${url}/graphql`) && !/^(blob|data):/.test(asked)),
        []
      )
      assert.deepStrictEqual(complaints, [])
    })
  )

  it.live("shows its own tabs where something else kept tabs before, keeps a person's edits, and adds none", () =>
    Effect.gen(function* () {
      const { page, url, visit } = yield* openGraphiQL
      const foreign = JSON.stringify({ activeTabIndex: 0, tabs: [{ id: "1", title: "Theirs", query: "{ theirs }" }] })
      yield* Effect.promise(async () => {
        await page.goto(`${url}/health`)
        await page.evaluate((state) => localStorage.setItem("graphiql:tabState", state), foreign)
      })
      yield* visit
      assert.deepStrictEqual(yield* titles(page), tabs)
      const kept = yield* Effect.promise(() => page.evaluate(() => localStorage.getItem("graphiql:tabState")))
      assert.strictEqual(kept, foreign)

      yield* Effect.promise(async () => {
        await page.getByRole("tab", { name: "NotFound" }).click()
        await page.locator(".graphiql-query-editor .view-lines").click()
        await page.keyboard.press("Control+Home")
        await page.keyboard.type("# mine\n")
        await page.waitForFunction(() => localStorage["holdfast:graphiql:tabState"].includes("# mine"))
        await page.reload()
        await page.getByText("# mine").waitFor()
      })
      assert.deepStrictEqual(yield* titles(page), tabs)
    })
  )
})

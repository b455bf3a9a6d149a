import { chromium } from "playwright-core"
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--headless","--no-sandbox","--disable-gpu"] })
for (const wait of [0, 100, 200, 400, 800, 1500]) {
const page = await b.newPage({ viewport: { width: 1440, height: 900 } })
await page.goto("http://127.0.0.1:4000/graphql")
await page.getByRole("tab").first().waitFor()
const out = []
for (const tab of ["UpdateSession", "RetrySafely", "NotFound", "InvalidInput", "ReadBack"]) {
    await page.getByRole("tab", { name: tab }).click()
    await new Promise(r => setTimeout(r, wait))
    const answered = page.waitForResponse((response) => response.request().postData()?.includes(`${tab}`) === true, {timeout: 1500}).catch(e => e)
    await page.getByRole("button", { name: /execute query/i }).click()
    const a = await answered
    out.push(!(a instanceof Error))
}
console.log(wait, out.join(" "))
await page.close()
}
await b.close()

/**
 * Adds up the JSON reports of vitest: `node .ci/tally.mjs <script> <report>` prints `passed failed skipped`, and on
 * stderr a line for each package. A package whose script runs vitest and left no report has failed once, and so has a
 * test file that failed without a failing test (it could not be loaded).
 */
import { existsSync, readFileSync, readdirSync } from "node:fs"

const [script, report] = process.argv.slice(2)
const read = (path) => JSON.parse(readFileSync(path, "utf8"))

const inFolders = ["packages", "examples", "tools"]
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))

const packages = [...inFolders, "benchmarks", "torture"]
  .filter((path) => existsSync(`${path}/package.json`))
  .filter((path) => read(`${path}/package.json`).scripts?.[script]?.startsWith("vitest"))

const count = (path) => {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 }
  const files = read(path).testResults
  const tests = files.flatMap((file) => file.assertionResults)
  const broken = files.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed")
  )
  const passed = tests.filter((test) => test.status === "passed").length
  const failed = tests.filter((test) => test.status === "failed").length
  return { passed, failed: failed + broken.length, skipped: tests.length - passed - failed }
}

const totals = { passed: 0, failed: 0, skipped: 0 }
for (const path of packages) {
  const { failed, passed, skipped } = count(`${path}/reports/${report}.json`)
  console.error(`${path}: ${passed} passed, ${failed} failed, ${skipped} skipped`)
  totals.passed += passed
  totals.failed += failed
  totals.skipped += skipped
}
console.log(totals.passed, totals.failed, totals.skipped)

/**
 * Adds up the JSON reports of vitest: `node .ci/tally.mjs <script> <report>` prints `passed failed skipped`, and on
 * stderr a line for each package, with what failed in it and why. A package whose script runs vitest and left no report
 * has failed once, and so has a test file that failed without a failing test (it could not be loaded).
 */
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { relative } from "node:path"

const [script, report] = process.argv.slice(2)
const read = (path) => JSON.parse(readFileSync(path, "utf8"))

const inFolders = ["packages", "examples", "tools"]
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))

const packages = [...inFolders, "benchmarks", "torture"]
  .filter((path) => existsSync(`${path}/package.json`))
  .filter((path) => read(`${path}/package.json`).scripts?.[script]?.startsWith("vitest"))

const count = (path) => {
  if (!existsSync(path)) return { passed: 0, failures: ["left no report"], skipped: 0 }
  const files = read(path).testResults
  const tests = files.flatMap((file) => file.assertionResults)
  const broken = files.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed")
  )
  const passed = tests.filter((test) => test.status === "passed").length
  const failed = tests.filter((test) => test.status === "failed")
  const failures = [
    ...failed.map((test) => `${test.fullName}\n${beginning(test.failureMessages.join("\n"))}`),
    ...broken.map((file) => `${relative(process.cwd(), file.name)}\n${beginning(file.message)}`)
  ]
  return { passed, failures, skipped: tests.length - passed - failed.length }
}

/** What somebody needs who has the end of the log and nothing else. */
const beginning = (message) => message.split("\n").slice(0, 12).join("\n")

const totals = { passed: 0, failed: 0, skipped: 0 }
for (const path of packages) {
  const { failures, passed, skipped } = count(`${path}/reports/${report}.json`)
  console.error(`${path}: ${passed} passed, ${failures.length} failed, ${skipped} skipped`)
  for (const failure of failures) console.error(`${path}: failed: ${failure}`)
  totals.passed += passed
  totals.failed += failures.length
  totals.skipped += skipped
}
console.log(totals.passed, totals.failed, totals.skipped)

/**
 * How every package runs its tests. A package's `vitest.config.ts` is one call of `packageTests`, so that a setting is
 * made here or nowhere. Each run leaves `reports/<name>.json`, from which CI counts.
 */
import { fileURLToPath } from "node:url"
import { defineConfig, mergeConfig } from "vitest/config"

const postgresServer = fileURLToPath(import.meta.resolve("./tools/postgres/src/globalSetup.ts"))

/** When a test has hung, and not how fast it should be: a busy machine with a slow disk takes many times as long as a quiet one. */
const hung = 60_000

const suite = (name: string, include: Array<string>, globalSetup: Array<string> = [], testTimeout = hung) =>
  defineConfig({
    // Vitest starts its workers with the `development` condition, under which `graphql` resolves to three different
    // modules and `instanceof GraphQLError` fails. With these conditions there is one.
    ssr: { resolve: { conditions: ["module-sync", "node", "development|production"] } },
    test: {
      include,
      testTimeout,
      hookTimeout: testTimeout,
      globalSetup,
      reporters: ["default", ["json", { outputFile: `reports/${name}.json` }]]
    }
  })

const everyTest = "test/**/*.test.ts"

/** The tests of a package: `test/**\/*.test.ts`. With `postgres`, a PostgreSQL server runs meanwhile: `inject("postgresUrl")`. */
export const packageTests = ({ postgres = false } = {}) => suite("test", [everyTest], postgres ? [postgresServer] : [])

/** The same, with the tests of some folders over SQLite and again over PostgreSQL: `inject("engine")`. */
export const testsOverEngines = (folders: ReadonlyArray<string>) => {
  const tests = folders.map((folder) => `${folder}/**/*.test.ts`)
  // What a project extends adds to its own: so the whole has no `include`.
  return mergeConfig(suite("test", []), {
    test: {
      projects: [
        { extends: true, test: { name: "SQLite", include: tests, provide: { engine: "sqlite" } } },
        {
          extends: true,
          test: { name: "PostgreSQL", include: tests, provide: { engine: "postgres" }, globalSetup: [postgresServer] }
        },
        { extends: true, test: { name: "any", include: [everyTest], exclude: [...tests, "**/node_modules/**"] } }
      ]
    }
  })
}

/** The tests that drive a real browser, run apart: `test/browser/*.browser.ts`. */
export const browserTests = () => suite("browser", ["test/browser/*.browser.ts"], [], 2 * hung)

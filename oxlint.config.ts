import { defineConfig, type OxlintOverride } from "oxlint"

/** Another package's files, whichever way they are reached. What a package exports is all there is. */
const insides = ["**/[a-z]*/src/**", "**/[a-z]*/internal/**"]

/** Nothing but relative imports, Effect and what Node brings. */
const effectAlone = ["*", "!./**", "!../**", "!effect", "!effect/**", "!node:*"]

/** Facades, and what they are made of. */
const facades = [
  "effect/{ai,cli,graphql,http,http-api,rpc}",
  "effect/{ai,cli,graphql,http,http-api,rpc}/**",
  "node:{http,http2,https}"
]

/** The directions of the house: what a folder may not import. Of two rooms that contain a file, the later counts. */
const directions = [
  room("**", "Import what the package exports; of platform-node a module, not the barrel, which loads redis.", [
    "@effect/platform-node"
  ]),
  room(
    "packages/core/src/**",
    "Core is built on `effect` alone; it knows nothing of HTTP or GraphQL, and drivers have a folder of their own.",
    [...effectAlone, ...facades, "node:sqlite"]
  ),
  room("packages/core/src/sqlite/**", "The SQLite store is built on `effect` and `node:sqlite` alone.", [
    ...effectAlone,
    ...facades
  ]),
  room("packages/core/src/postgres/**", "The PostgreSQL store is built on `effect` and `@effect/sql-pg` alone.", [
    ...effectAlone,
    "!@effect/sql-pg",
    ...facades,
    "node:sqlite"
  ]),
  room("packages/core/src/domain/**", "The domain knows nothing of stores, SQL, HTTP or GraphQL.", [
    ...effectAlone,
    ...facades,
    "effect/sql",
    "effect/sql/**",
    "node:sqlite",
    "**/{store,sqlite,postgres}/**"
  ]),
  room("packages/core/test/**", "Core needs no other package, not even in its tests: stores are tested in testing.", [
    "@holdfast/{graphql,testing}"
  ]),
  room("packages/testing/src/**", "Testing is built on core alone.", [
    ...effectAlone,
    "!vitest",
    "!@effect/vitest",
    "!@holdfast/core",
    "!@holdfast/core/**"
  ]),
  room("packages/rest/src/**", "The facade is built on what core exports, and on modules of platform-node.", [
    "@holdfast/{graphql,testing}",
    "vitest",
    "@effect/vitest",
    "@effect/platform-node"
  ]),
  room("packages/graphql/src/**", "The facade is built on what core exports, and on modules of platform-node.", [
    "@holdfast/testing",
    "vitest",
    "@effect/vitest",
    "@effect/platform-node"
  ]),
  room("torture/**", "The torture shares no code with what it tortures: it knows processes, wires and files.", [
    "@holdfast/{core,graphql,rest}",
    "@holdfast/{core,graphql,rest}/**",
    "@effect/platform-node"
  ])
]

function room(files: string, message: string, group: ReadonlyArray<string>): OxlintOverride {
  const patterns = [{ group: [...group, ...insides], message }]
  return { files: [files], rules: { "no-restricted-imports": ["error", { patterns }] } }
}

export default defineConfig({
  plugins: ["typescript", "unicorn", "oxc", "import", "node", "vitest"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  ignorePatterns: ["**/dist/**", "**/generated/**"],
  rules: {
    // `_tag` is Effect's word, and `it.layer(…)("…", (it) => …)` shadows on purpose.
    "no-underscore-dangle": "off",
    "no-shadow": "off",
    // `class Sessions extends Context.Service<…>()(…) {}` is empty on purpose.
    "typescript/no-extraneous-class": "off",
    // A decoded value is sometimes known better than its type says; `any` and `!` stay forbidden.
    "typescript/no-unsafe-type-assertion": "off",
    // The compiler sees a missing return, and the spread of plain data is the way to change it.
    "typescript/consistent-return": "off",
    "typescript/no-misused-spread": "off",
    // A type argument may be written for the reader.
    "typescript/no-unnecessary-type-arguments": "off",
    // One after the other is usually meant, and a helper beside its only use reads better.
    "no-await-in-loop": "off",
    "unicorn/consistent-function-scoping": "off",
    // Most tests return an Effect and assert with `assert`.
    "vitest/expect-expect": "off",
    "vitest/no-standalone-expect": "off",
    "vitest/valid-title": "off",

    eqeqeq: ["error", "always", { null: "ignore" }],
    "no-console": "error",
    "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
    "no-var": "error",
    "no-warning-comments": "error",
    "prefer-const": "error",
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "import/no-duplicates": "error",
    "typescript/ban-ts-comment": ["error", { "ts-expect-error": "allow-with-description" }],
    "typescript/consistent-type-imports": "error",
    "typescript/no-deprecated": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-import-type-side-effects": "error",
    "typescript/no-misused-promises": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/only-throw-error": "error",
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    "unicorn/prefer-node-protocol": "error"
  },
  overrides: [
    { files: ["**/*.config.ts", "**/codegen.ts"], rules: { "import/no-default-export": "off" } },
    { files: [".ci/**", "examples/**"], rules: { "no-console": "off" } },
    {
      // Time comes from Clock, chance from SecureRandom, waiting from Effect.sleep, settings from Config.
      files: ["packages/*/src/**"],
      rules: {
        "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
        "node/no-process-env": "error",
        "no-restricted-globals": ["error", "setTimeout", "setInterval", "setImmediate"],
        "no-restricted-properties": [
          "error",
          { object: "Date", property: "now" },
          { object: "Math", property: "random" }
        ]
      }
    },
    ...directions
  ]
})

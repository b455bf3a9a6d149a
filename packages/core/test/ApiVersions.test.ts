import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { apiVersions, makeApiVersions } from "../src/ApiVersions.ts"

const failure = (result: Result.Result<unknown, { code: string; message: string }>) =>
  Result.isFailure(result) ? [result.failure.code, result.failure.message] : []

/** Versions that exist only here: the second renamed a field and the third split one. */
const versions = makeApiVersions([
  { date: "2024-01-01", state: { _tag: "retired" }, summary: "The first." },
  {
    date: "2025-01-01",
    state: { _tag: "deprecated", since: "2026-01-01", sunset: "2027-01-01" },
    summary: "The second."
  },
  {
    date: "2026-01-01",
    state: { _tag: "active" },
    summary: "`ref` is now `external_ref`.",
    downgrade: (_, { external_ref: ref = null, ...rest }) => ({ ...rest, ref }),
    upgrade: (_, { ref, ...rest }) => (ref === undefined ? rest : { ...rest, external_ref: ref })
  },
  {
    date: "2026-06-01",
    state: { _tag: "active" },
    summary: "`status` holds a state only.",
    downgrade: (_, { state = null, ...rest }) => ({ ...rest, status: `is_${JSON.stringify(state)}` }),
    upgrade: (_, input) => input
  }
])

describe("an API version", () => {
  it("is the one asked for, else the one pinned, else the current one", () => {
    const date = (asked: string | null, pinned: string | null) =>
      Result.getOrThrow(versions.resolve(asked, pinned)).date
    assert.strictEqual(date("2025-01-01", "2026-01-01"), "2025-01-01")
    assert.strictEqual(date(null, "2026-01-01"), "2026-01-01")
    assert.strictEqual(date(null, null), "2026-06-01")
  })

  it("that was retired says where to move; one that never was is not rounded", () => {
    assert.deepStrictEqual(failure(versions.resolve("2024-01-01")), [
      "unsupported_version",
      "That API version is retired; move to 2026-06-01. Versions: 2025-01-01, 2026-01-01, 2026-06-01"
    ])
    for (const unknown of ["2026-01-02", "", "latest", "2026-1-1"]) {
      assert.strictEqual(failure(versions.resolve(unknown))[0], "unsupported_version", unknown)
    }
  })

  it("turns the newest shape into each older one, step by step", () => {
    const newest = { external_ref: "a", state: "pending" }
    const shape = (date: string) => versions.render(Result.getOrThrow(versions.resolve(date)), "session", newest)
    assert.deepStrictEqual(shape("2026-06-01"), newest)
    assert.deepStrictEqual(shape("2026-01-01"), { external_ref: "a", status: `is_"pending"` })
    assert.deepStrictEqual(shape("2025-01-01"), { ref: "a", status: `is_"pending"` })
  })

  it("takes older input as the newest shape has it", () => {
    const old = Result.getOrThrow(versions.resolve("2025-01-01"))
    assert.deepStrictEqual(versions.accept(old, "updateSession", { ref: "a" }), { external_ref: "a" })
  })

  it("of the product is one of two that are identical today", () => {
    assert.deepStrictEqual(
      apiVersions.all.map(({ date, state }) => [date, state._tag]),
      [
        ["2026-01-01", "active"],
        ["2026-02-01", "active"]
      ]
    )
    assert.strictEqual(apiVersions.current.date, "2026-02-01")
  })
})

/**
 * API versions: which dates are answered, and how the newest shape becomes an older one (contract §7).
 *
 * A version is one entry of a list. An entry that changed something carries two pure functions: `downgrade` turns its own
 * shape of a resource into the shape before it, `upgrade` turns the input of the version before it into its own. Services
 * know only the newest shape.
 */
import { Result } from "effect"
import type { JsonObject } from "./domain/Json.ts"
import { BadRequest } from "./Errors.ts"

/** One version of the API. */
export interface ApiVersion {
  /** `YYYY-MM-DD`, as in the `Verifa-Version` header. */
  readonly date: string
  /** `deprecated` answers carry `Deprecation` and `Sunset`; `retired` is refused. */
  readonly state:
    | { readonly _tag: "active" }
    | { readonly _tag: "deprecated"; readonly since: string; readonly sunset: string }
    | { readonly _tag: "retired" }
  /** A sentence for the changelog: what is different from the version before. */
  readonly summary: string
  /** This version's shape of a resource, turned into the shape of the version before. */
  readonly downgrade?: (resource: string, body: JsonObject) => JsonObject
  /**
   * The input of the version before, turned into this version's. It comes before any rule is checked and may be given a part
   * of an input: it must be total, whatever the values are, and leave alone what it does not know.
   */
  readonly upgrade?: (operation: string, input: JsonObject) => JsonObject
}

/** The versions that exist. Oldest first; the last is current. */
const released: readonly [ApiVersion, ...ReadonlyArray<ApiVersion>] = [
  { date: "2026-01-01", state: { _tag: "active" }, summary: "The first version." },
  { date: "2026-02-01", state: { _tag: "active" }, summary: "Identical to 2026-01-01." }
]

/** A table of versions and what can be asked of it. */
export interface ApiVersions {
  /** Every version, oldest first. */
  readonly all: ReadonlyArray<ApiVersion>
  /** The newest one: what services speak. */
  readonly current: ApiVersion
  /**
   * The version for a request: the one asked for, else the one pinned to the key, else the current one. `BadRequest` with
   * code `unsupported_version`, and the list of those that are answered, for a retired or unknown one; never rounded.
   */
  readonly resolve: (asked: string | null, pinned?: string | null) => Result.Result<ApiVersion, BadRequest>
  /** The newest shape of a resource, as `version` had it. */
  readonly render: (version: ApiVersion, resource: string, body: JsonObject) => JsonObject
  /** The input of an operation in the shape of `version`, as the newest shape has it. */
  readonly accept: (version: ApiVersion, operation: string, input: JsonObject) => JsonObject
}

/** A table from a list of versions, oldest first. Tests make tables of their own; the product uses {@link apiVersions}. */
export const makeApiVersions = (all: readonly [ApiVersion, ...ReadonlyArray<ApiVersion>]): ApiVersions => {
  const byDate = new Map(all.map((version) => [version.date, version]))
  const current = all[all.length - 1] ?? all[0]
  const answered = all.filter((version) => version.state._tag !== "retired").map((version) => version.date)
  const later = (version: ApiVersion) => all.slice(all.indexOf(version) + 1)
  return {
    all,
    current,
    resolve: (asked, pinned = null) => {
      const version = byDate.get(asked ?? pinned ?? current.date)
      if (version !== undefined && version.state._tag !== "retired") return Result.succeed(version)
      const reason =
        version === undefined ? "There is no such API version" : `That API version is retired; move to ${current.date}`
      return Result.fail(
        new BadRequest({ code: "unsupported_version", message: `${reason}. Versions: ${answered.join(", ")}` })
      )
    },
    render: (version, resource, body) =>
      later(version).reduceRight((shape, step) => step.downgrade?.(resource, shape) ?? shape, body),
    accept: (version, operation, input) =>
      later(version).reduce((shape, step) => step.upgrade?.(operation, shape) ?? shape, input)
  }
}

/** The versions of the product. */
export const apiVersions: ApiVersions = makeApiVersions(released)

/**
 * Entity tags (RFC 9110, 8.8.3 and 13.1): a session's revision as `"3"`. An answer in another casing or version is another
 * representation of the same revision, and has a tag of its own: `"3-camel"`.
 */
import { BadRequest } from "@holdfast/core"
import type { ApiVersions } from "@holdfast/core"
import { Result } from "effect"
import type { Exchange } from "../Exchange.ts"

type Shape = Pick<Exchange["Service"], "inflection" | "version">

/** The tag of a revision, in the shape that is asked for. */
export const entityTag = (revision: number, { inflection, version }: Shape, versions: ApiVersions): string => {
  const shape =
    (version === versions.current ? "" : `-${version.date}`) + (inflection === "snake" ? "" : `-${inflection}`)
  return `"${revision}${shape}"`
}

/** More tags than these in one header are somebody's mistake. */
const maxTags = 16

/** No session has it: the largest revision that the library takes. */
const never = 2_147_483_647

/**
 * The revisions that an `If-Match` header allows, or `null` where any will do. The comparison is strong: a weak tag allows none,
 * and so does one that was never ours. The shape does not count, because it is the session that is changed and not its
 * representation.
 */
export const parseIfMatch = (header: string | null): Result.Result<ReadonlyArray<number> | null, BadRequest> => {
  if (header === null || header.trim() === "*") return Result.succeed(null)
  return Result.map(parseTags(header), (tags) => {
    const revisions = tags.flatMap(({ opaque, weak }) => (weak ? [] : revisionOf(opaque)))
    return revisions.length === 0 ? [never] : [...new Set(revisions)]
  })
}

/**
 * The revisions that the headers of a change allow. `If-None-Match: *` asks that there is no session yet, and so allows none
 * (RFC 9110, 13.1.2); tags in that header are for reads.
 */
export const parseChangeConditions = (header: Exchange["Service"]["header"]): ReturnType<typeof parseIfMatch> =>
  header("if-none-match")?.trim() === "*" ? Result.succeed([never]) : parseIfMatch(header("if-match"))

/** Whether an `If-None-Match` header names a tag. The comparison is weak. */
export const parseIfNoneMatch = (header: string | null): Result.Result<(tag: string) => boolean, BadRequest> => {
  if (header === null) return Result.succeed(() => false)
  if (header.trim() === "*") return Result.succeed(() => true)
  return Result.map(parseTags(header), (tags) => (tag) => tags.some(({ opaque }) => `"${opaque}"` === tag))
}

interface Tag {
  readonly weak: boolean
  readonly opaque: string
}

const parseTags = (header: string): Result.Result<ReadonlyArray<Tag>, BadRequest> => {
  const tags: Array<Tag> = []
  const element = /[\s,]*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:$|(?=,))/y
  const end = /[\s,]*$/y
  for (;;) {
    end.lastIndex = element.lastIndex
    if (tags.length > 0 && end.test(header)) return Result.succeed(tags)
    const match = element.exec(header)
    if (match === null || tags.length === maxTags) {
      return Result.fail(
        BadRequest.malformed(`If-Match and If-None-Match take "*" or up to ${maxTags} entity tags, such as "3"`)
      )
    }
    tags.push({ weak: match[1] !== undefined, opaque: match[2] ?? "" })
  }
}

const revisionOf = (opaque: string): ReadonlyArray<number> => {
  const revision = Number(/^([1-9]\d{0,9})(?:-\d{4}-\d\d-\d\d)?(?:-camel|-kebab)?$/.exec(opaque)?.[1])
  return revision < never ? [revision] : []
}

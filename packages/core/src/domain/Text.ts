/**
 * Text that may be kept: what counts as a character, and which strings every database and every reader can hold.
 *
 * Lengths are counted in Unicode code points (contract §2), sizes in bytes of UTF-8.
 */

/** Number of Unicode code points in `text`: `"👍"` is one, although JavaScript's `length` says two. */
const codePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

/**
 * Whether `text` has at most `max` code points. Decides from `length` alone where it can, so that a hostile megabyte is
 * never walked.
 */
export const atMostCodePoints = (text: string, max: number): boolean =>
  text.length <= max || (text.length <= 2 * max && codePoints(text) <= max)

/** The first `max` code points of `text`. */
export const truncate = (text: string, max: number): string => {
  if (text.length <= max) return text
  let kept = ""
  let count = 0
  for (const character of text) {
    if (count++ === max) break
    kept += character
  }
  return kept
}

/**
 * Whether `text` is free of NUL and of lone surrogates (contract §4): the two things that some databases refuse and
 * others silently change.
 */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\u0000")

/** Size of `text` in bytes of UTF-8. `text` must be well formed. */
export const utf8Bytes = (text: string): number => Buffer.byteLength(text)

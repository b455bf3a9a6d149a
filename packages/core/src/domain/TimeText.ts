/**
 * Times as text: ISO 8601 in UTC with milliseconds, such as `2026-11-22T09:30:00.000Z`.
 *
 * An update writes ten times of three or four moments, and each takes a microsecond to be spelt out. So the texts that were made
 * last are remembered, one in each of a few places; which place a moment has follows from the moment alone.
 */
import { DateTime } from "effect"

/** No divisor of a day: now and the same time tomorrow have places of their own. */
const places = 61

const moments = new Float64Array(places)
const texts: Array<string> = []

/** The same as `DateTime.formatIso`. */
export const isoText = (time: DateTime.DateTime): string => {
  const moment = DateTime.toEpochMillis(time)
  const place = Math.abs(Math.trunc(moment) % places)
  const known = texts[place]
  if (known !== undefined && moments[place] === moment) return known
  const text = DateTime.formatIso(time)
  moments[place] = moment
  texts[place] = text
  return text
}

/**
 * The shared statements as a driver takes them: `:name` becomes `$1`, `$2`, … or `?1`, `?2`, …, numbered by first use, and the
 * values are given by their places. A text is worked on once.
 */

/** The values of a statement by the names of its parameters. More than it names are of no harm. */
export type Values = Readonly<Record<string, unknown>>

interface Numbered {
  readonly text: string
  readonly names: ReadonlyArray<string>
}

/** Makes texts with numbers for names, and the names in the order of their numbers. */
export const makeNumbered = (mark: "$" | "?"): ((sql: string) => Numbered) => {
  const known = new Map<string, Numbered>()
  return (sql) => {
    const found = known.get(sql)
    if (found !== undefined) return found
    const names: Array<string> = []
    // Not the second colon of a cast, which is written `::text`.
    const text = sql.replaceAll(/(?<!:):([a-z_]+)/g, (_, name: string) => {
      const at = names.indexOf(name)
      return `${mark}${at === -1 ? names.push(name) : at + 1}`
    })
    const made = { text, names }
    known.set(sql, made)
    return made
  }
}

/** The values in the order of the parameters. One that is missing is a defect: a driver would write NULL. */
export const inOrder = (names: ReadonlyArray<string>, values: Values): ReadonlyArray<unknown> =>
  names.map((name) => {
    const value = values[name]
    if (value === undefined) throw new Error(`The statement has no value for :${name}`)
    return value
  })

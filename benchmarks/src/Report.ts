/** Tables in Markdown, as they go into the documentation. */

/** A table. */
export interface Table {
  readonly title: string
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
  /** What to know when reading it, a line each. */
  readonly notes: ReadonlyArray<string>
}

/** A table in Markdown: text to the left, the other columns to the right. */
export const toMarkdown = ({ columns, notes, rows, title }: Table): string => {
  const widths = columns.map((column, at) => Math.max(column.length, 4, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`
  const rule = `| ${widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`
  const foot = notes.length === 0 ? "" : `\n${notes.map((note) => `- ${note}\n`).join("")}`
  return `### ${title}\n\n${[line(columns), rule, ...rows.map(line)].join("\n")}\n${foot}`
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 })

/** A count or a rate, such as `12,345`; a dash for what is not known. */
export const count = (value: number): string => (Number.isNaN(value) ? "–" : whole.format(value))

/** A ratio or a time with the digits that mean something, such as `1.23`; a dash for what is not known. */
export const decimal = (value: number): string => {
  if (!Number.isFinite(value)) return "–"
  return value >= 100 ? whole.format(value) : value.toFixed(value >= 10 ? 1 : 2)
}

/** Bytes as megabytes, such as `123 MB`. */
export const megabytes = (bytes: number): string => (Number.isNaN(bytes) ? "–" : `${count(bytes / 1e6)} MB`)

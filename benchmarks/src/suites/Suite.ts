/** A suite: a question, how it is measured, and the tables that answer it. */
import type { Lab } from "../Lab.ts"
import type { Options } from "../Options.ts"
import type { Table } from "../Report.ts"

/** What a suite found out. */
export interface Findings {
  readonly tables: ReadonlyArray<Table>
  /** Everything that was measured, as it goes into JSON. */
  readonly figures: unknown
  /** What could not be measured, and why. */
  readonly failures: ReadonlyArray<string>
  /** The figures that there are bars for, by the name of the bar. */
  readonly bars: Readonly<Record<string, number>>
}

/** What a suite works with. */
export interface Bench {
  readonly lab: Lab
  readonly options: Options
  /** Says where it is. */
  readonly say: (text: string) => void
}

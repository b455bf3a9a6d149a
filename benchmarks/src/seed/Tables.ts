/** A database as the seeds and the tests use it: statements, rows, and very many rows at once, on either engine. */
import { Pool } from "pg"
import { DatabaseSync } from "node:sqlite"
import { sqlitePath } from "../Setting.ts"

/** A row by its columns. */
export type Row = Readonly<Record<string, string | number | null>>

/** A row to insert; an object is for a column of JSON. */
export type NewRow = Readonly<Record<string, string | number | object | null>>

/** A database. */
export interface Tables {
  /** Runs statements, separated by semicolons. */
  readonly execute: (statements: string) => Promise<void>
  /** The rows of a query in which `$1`, `$2`, … stand for the values. */
  readonly rows: (query: string, values?: ReadonlyArray<string | number>) => Promise<ReadonlyArray<Row>>
  /** Inserts rows that all have the same columns. */
  readonly insert: (table: string, rows: Iterable<NewRow>) => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens the database of a URL. */
export const openTables = (url: string): Tables => (url.startsWith("sqlite:") ? sqlite(sqlitePath(url)) : postgres(url))

const sqlite = (filename: string): Tables => {
  const database = new DatabaseSync(filename, { timeout: 10_000 })
  return {
    execute: async (statements) => database.exec(statements),
    rows: async (query, values = []) =>
      database.prepare(query.replaceAll(/\$(\d)/g, "?$1")).all(...values) as ReadonlyArray<Row>,
    insert: async (table, rows) => {
      let statement: ReturnType<DatabaseSync["prepare"]> | undefined
      database.exec("BEGIN IMMEDIATE")
      for (const row of rows) {
        const columns = Object.keys(row)
        statement ??= database.prepare(
          `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map((column) => `:${column}`).join(", ")})`
        )
        statement.run(Object.fromEntries(columns.map((column) => [column, plain(row[column] ?? null)])))
      }
      database.exec("COMMIT")
    },
    close: async () => database.close()
  }
}

const plain = (value: string | number | object | null) =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : value

const postgres = (url: string): Tables => {
  const pool = new Pool({ connectionString: url, max: 1 })
  return {
    execute: async (statements) => void (await pool.query(statements)),
    rows: async (query, values = []) => (await pool.query<Row>(query, [...values])).rows,
    insert: async (table, rows) => {
      for (const chunk of chunks(rows, 5_000)) {
        const all = JSON.stringify(chunk)
        await pool.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(null::${table}, $1)`, [all])
      }
    },
    close: () => pool.end()
  }
}

function* chunks(rows: Iterable<NewRow>, size: number): Generator<ReadonlyArray<NewRow>> {
  let chunk: Array<NewRow> = []
  for (const row of rows) {
    chunk.push(row)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

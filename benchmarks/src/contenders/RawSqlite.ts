/**
 * A limit: `node:sqlite` alone, writing the rows that Holdfast writes, so many updates to a transaction that is synced before any
 * of them is answered. No request, no rule, no look at what is stored; only the guard on the revision.
 */
import { DatabaseSync } from "node:sqlite"
import type { SQLInputValue } from "node:sqlite"
import { targetOf, sessionId } from "../Job.ts"
import { drive } from "../load/Driver.ts"
import { join, partsOf, takeSample } from "../raw/Sample.ts"
import type { Sample } from "../raw/Sample.ts"
import type { Row } from "../seed/Tables.ts"
import { sqlitePath } from "../Setting.ts"

const group = Number(process.argv[2])
const owner = ["organization", "environment", "id"]
/** What an update of the metadata changes in the row of a session. */
const changed = ["revision", "head", "records_until", "data"]

/** Makes the values of a row for an update; the revision is given where the row has one. */
const writer = (row: Row, sample: Sample) => {
  const columns = Object.keys(row)
  const make = Object.entries(row).map(([column, value]) => {
    if (column === "revision") return (_: string, __: string, revision: number) => revision
    if (typeof value !== "string") return () => value as SQLInputValue
    const parts = partsOf(value, sample)
    return (number: string, session: string) => join(parts, number, session)
  })
  return {
    columns,
    values: (number: string, session: string, revision: number) => make.map((cell) => cell(number, session, revision))
  }
}

drive(async (place) => {
  const sample = await takeSample(place)
  const database = new DatabaseSync(sqlitePath(place.databaseUrl))
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
  database.exec("PRAGMA cache_size = -8000")
  const revisions = new Map(
    database
      .prepare("SELECT id, revision FROM sessions")
      .all()
      .map(({ id, revision }) => [String(id), Number(revision)])
  )
  const { sessions } = sample.rows
  const session = writer(
    Object.fromEntries([...changed, ...owner].map((name) => [name, sessions[name] ?? null])),
    sample
  )
  const update = database.prepare(
    `UPDATE sessions SET ${changed.map((column, at) => `${column} = ?${at + 1}`).join(", ")}
    WHERE ${owner.map((column, at) => `${column} = ?${changed.length + at + 1}`).join(" AND ")} AND revision = ?1 - 1`
  )
  const inserts = (["history", "idempotency_records"] as const).map((table) => {
    const { columns, values } = writer(sample.rows[table], sample)
    const places = columns.map(() => "?").join(", ")
    return { values, statement: database.prepare(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places})`) }
  })

  const [begin, commit] = [database.prepare("BEGIN IMMEDIATE"), database.prepare("COMMIT")]

  let waiting: Array<{ readonly number: number; readonly done: (problem: string | null) => void }> = []
  const flush = () => {
    const batch = waiting.slice(0, group)
    waiting = waiting.slice(group)
    begin.run()
    for (const { number } of batch) write(number)
    commit.run()
    if (waiting.length > 0) setImmediate(flush)
    for (const { done } of batch) done(null)
  }
  const write = (number: number) => {
    const id = sessionId(targetOf(number, place.dataset).index)
    const revision = (revisions.get(id) ?? 0) + 1
    revisions.set(id, revision)
    const text = String(number)
    if (update.run(...session.values(text, id, revision)).changes !== 1)
      throw new Error("The guard found another revision")
    for (const { statement, values } of inserts) statement.run(...values(text, id, revision))
  }

  return {
    prepare: async () => {},
    send: (number, _, done) => {
      waiting.push({ number, done })
      if (waiting.length === 1) setImmediate(flush)
    },
    once: async () => {
      throw new Error("A limit is not asked for one update")
    },
    close: async () => database.close()
  }
})

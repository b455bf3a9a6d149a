/** That nobody cheats: every contender does the job that it is measured at, and what it answered is in its database. */
import { spawnSync } from "node:child_process"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import type { Contender } from "../src/Contender.ts"
import { contenders } from "../src/Contenders.ts"
import { firstNumber, initialMetadata, updateOf } from "../src/Job.ts"
import { openLab } from "../src/Lab.ts"
import type { Lab } from "../src/Lab.ts"
import type { Place } from "../src/load/Client.ts"
import type { Running } from "../src/Running.ts"
import { verify } from "../src/load/Verify.ts"
import { openTables } from "../src/seed/Tables.ts"

let lab: Lab
beforeAll(() => {
  lab = openLab({ postgresUrl: inject("postgresUrl") })
})
afterAll(() => lab[Symbol.asyncDispose]())

const dataset = { sessions: 20, metadataKeys: 5 }

/** What the database has, read without the contender. */
const look = async ({ databaseUrl, dataset, run }: Place, tables: Contender["tables"], number: number) => {
  const { session } = updateOf(number, run, dataset)
  const database = openTables(databaseUrl)
  const json = (value: unknown) => (typeof value === "string" ? (JSON.parse(value) as unknown) : value)
  const counted = async (table: string) => {
    const [row] = await database.rows(`SELECT count(*) AS count FROM ${table}`)
    return Number(row?.["count"])
  }
  try {
    const [row] = await database.rows("SELECT * FROM sessions WHERE id = $1", [session])
    const stored =
      tables === "holdfast" ? (json(row?.["data"]) as { readonly metadata: unknown }).metadata : row?.["metadata"]
    return {
      metadata: json(stored),
      revision: Number(row?.["revision"]),
      events: await counted(tables === "holdfast" ? "history" : "events"),
      audit: await counted(tables === "holdfast" ? "history" : "audit"),
      records:
        tables === "holdfast"
          ? await counted("idempotency_records")
          : (await counted("idempotency_keys")) + (await counted("idempotency_storage"))
    }
  } finally {
    await database.close()
  }
}

const has = (program: string | undefined) =>
  program === undefined || spawnSync(program, ["--version"]).error === undefined

/** Those that differ in what they are told, and not in what they do, are tried once. */
const distinct = contenders.filter(
  ({ engine, program }, at) =>
    contenders.findIndex((other) => other.engine === engine && other.program[0] === program[0]) === at
)

/** Loads for a moment, and holds what the database has got against what was counted. */
const writesWhatItCounts = async (running: Running, tables: Contender["tables"]) => {
  const { place } = running
  const loop = { kind: "closed", concurrency: 4 } as const
  const before = await look(place, tables, firstNumber)
  const { count, errors } = await running.measure({ loop, load: "fresh", seconds: 0.1 })
  const after = await look(place, tables, firstNumber + count - 1)
  expect(errors).toBe(0)
  expect([after.events - before.events, after.audit - before.audit]).toEqual([count, count])
  return { after, last: updateOf(firstNumber + count - 1, place.run, place.dataset), loop }
}

describe.concurrent("every contender", { timeout: 120_000 }, () => {
  it.for(distinct.filter(({ replays }) => replays))("does the job once: $name", async (contender) => {
    const running = await lab.start(contender, dataset)
    const { place } = running
    const { after: loaded, last, loop } = await writesWhatItCounts(running, contender.tables)
    expect(loaded.metadata).toEqual({ ...initialMetadata(5), ...last.patch })
    await running.measure({ loop, load: "replay", seconds: 0.1 })

    const update = updateOf(firstNumber * 3, place.run, place.dataset)
    const before = await look(place, contender.tables, update.number)
    expect(before.events).toBe(loaded.events)
    const fresh = await running.once(update.number)
    expect(verify(fresh, update, false, place.dataset)).toBeNull()
    const replay = await running.once(update.number)
    expect(replay).toEqual({ ...fresh, replayed: true })
    expect(await running.once(update.number + place.dataset.sessions, update.number)).toEqual({
      applied: false,
      code: "idempotency_mismatch"
    })

    await running.kill()
    const after = await look(place, contender.tables, update.number)
    expect(after.metadata).toEqual({ ...initialMetadata(5), ...update.patch })
    expect(after.revision).toBe(before.revision + 1)
    expect([after.events - before.events, after.audit - before.audit]).toEqual([1, 1])
    expect(after.records - before.records).toBe(contender.lacks === "durable keys" ? 0 : 1)

    const again = await lab.restart(running)
    const replayed = contender.lacks === undefined
    expect(await again.once(update.number)).toMatchObject({ applied: true, replayed })
    await again.stop()
  })

  it.for(distinct.filter(({ role }) => role === "limit"))(
    "writes what it counts: $name",
    async (contender, { skip }) => {
      if (!has(contender.needs)) skip(`there is no ${contender.needs} here`)
      const running = await lab.start(contender, dataset)
      const { after, last } = await writesWhatItCounts(running, contender.tables)
      // The numbers of pgbench are its own.
      const patch = contender.needs === undefined ? last.patch : after.metadata
      expect(after.metadata).toEqual({ ...initialMetadata(5), ...(patch as object) })
      await running.stop()
    }
  )

  it.for(distinct.filter(({ engine }) => engine === "none"))(
    "answers like those that store: $name",
    async (contender) => {
      const running = await lab.start(contender)
      const update = updateOf(firstNumber, running.place.run, running.place.dataset)
      expect(verify(await running.once(update.number), update, false, running.place.dataset)).toBeNull()
      await running.stop()
    }
  )
})

/** A limit: one prepared statement for each update, on as many `pg` connections as there are callers. */
import { Pool } from "pg"
import { sessionId, targetOf } from "../Job.ts"
import { drive } from "../load/Driver.ts"
import { takeSample } from "../raw/Sample.ts"
import { updateStatement } from "../raw/Statement.ts"

drive(async (place) => {
  const text = updateStatement("SELECT $1::text AS number, $2::text AS session", await takeSample(place))
  const pool = new Pool({ connectionString: place.databaseUrl, max: 32 })
  return {
    prepare: async () => {},
    send: (number, _, done) => {
      const session = sessionId(targetOf(number, place.dataset).index)
      pool.query({ name: "update", text, values: [String(number), session] }).then(
        ({ rowCount }) => done(rowCount === 1 ? null : "nothing was written"),
        (error: Error) => done(error.message)
      )
    },
    once: async () => {
      throw new Error("A limit is not asked for one update")
    },
    close: () => pool.end()
  }
})

/**
 * The database that `DATABASE_URL` names, and how its connections are used. Which driver is loaded follows from it, so that a
 * server on a file does not wait for one that speaks to PostgreSQL.
 */
import type { ApiKeyStore, SessionStore, StoreUnopened } from "@holdfast/core"
import type { PostgresOptions } from "@holdfast/core/postgres"
import { Duration, Effect, Layer, Redacted } from "effect"
import { oneOf, readAll, variable } from "./Variable.ts"
import type { Variable } from "./Variable.ts"

/** A database. */
export type Database =
  | { readonly engine: "sqlite"; /** Path of the file, or `:memory:`. */ readonly filename: string }
  | ({ readonly engine: "postgres" } & PostgresOptions)

const url = (text: string): Database | undefined => {
  const filename = /^sqlite:(?!\/\/)(.+)$/.exec(text)?.[1]
  if (filename !== undefined) return { engine: "sqlite", filename }
  return /^postgres(ql)?:\/\//.test(text)
    ? { engine: "postgres", url: Redacted.make(text, { label: "database" }) }
    : undefined
}

const count = (text: string) => (/^[1-9]\d?$/.test(text) ? Number(text) : undefined)

const millis = (min: number, max: number) => (text: string) => {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : undefined
  return value !== undefined && value >= min && value <= max ? Duration.millis(value) : undefined
}

const yesOrNo = (text: string) => {
  const word = oneOf(["true", "false"])(text)
  return word && word === "true"
}

const variables = {
  url: variable("DATABASE_URL", "sqlite:<path>, sqlite::memory: or postgres://user:password@host/database", url, {
    engine: "sqlite",
    filename: "data/holdfast.db"
  } as const),
  readConnections: variable("DATABASE_READ_CONNECTIONS", "a number from 1 to 99", count, undefined),
  commitConnections: variable("DATABASE_COMMIT_CONNECTIONS", "a number from 1 to 99", count, undefined),
  connectTimeout: variable("DATABASE_CONNECT_TIMEOUT", "milliseconds from 100 to 5000", millis(100, 5_000), undefined),
  statementTimeout: variable(
    "DATABASE_STATEMENT_TIMEOUT",
    "milliseconds from 100 to 4500",
    millis(100, 4_500),
    undefined
  ),
  pooler: variable("DATABASE_POOLER", "true or false", yesOrNo, undefined)
}

/** `DATABASE_URL`, and the other variables whose names begin with `DATABASE_`, which PostgreSQL alone has a use for. */
export const database: Variable<Database> = readAll(variables).pipe(
  Effect.map(({ url, ...options }): Database => {
    if (url.engine === "sqlite") return url
    const given = Object.entries(options).filter(([, value]) => value !== undefined)
    return { ...url, ...Object.fromEntries(given) }
  }),
  Effect.mapError(({ problems }) => problems.join("\n"))
)

/** The name of a database for people: a path, or host and database without the password. */
export const nameOf = (database: Database): string => {
  if (database.engine === "sqlite") return database.filename
  const url = URL.parse(Redacted.value(database.url))
  return url === null ? "PostgreSQL" : `${url.host}${url.pathname}`
}

/** The stores in a database. Each call is a layer of its own, with its own connections. */
export const layerStores = (database: Database): Layer.Layer<SessionStore | ApiKeyStore, StoreUnopened> =>
  Layer.unwrap(
    Effect.promise(async () =>
      database.engine === "sqlite"
        ? (await import("@holdfast/core/sqlite")).layerSqlite(database)
        : (await import("@holdfast/core/postgres")).layerPostgres(database)
    )
  )

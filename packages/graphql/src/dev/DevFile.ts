/**
 * The development file, `dev.json` beside the database: a generated server secret, and the demo that GraphiQL is filled with.
 * Server and command line read it, so that a key made by the one is good for the other. It is readable by its owner only;
 * production neither reads nor writes it.
 */
import { minSecretBytes, SessionId } from "@holdfast/core"
import { Effect, FileSystem, Redacted, Schema } from "effect"
import type { PlatformError } from "effect"
import { randomBytes } from "node:crypto"
import { dirname, join } from "node:path"
import type { Database } from "../config/Database.ts"

const Secret = Schema.RedactedFromValue(Schema.String.check(Schema.isMinLength(minSecretBytes)))

/** What GraphiQL is filled with: a sandbox key, and a session to update. */
export const Demo = Schema.Struct({
  organization: Schema.String,
  key: Secret,
  session: SessionId
})
/** What GraphiQL is filled with. */
export type Demo = typeof Demo.Type

/** What the development file holds. */
export const DevData = Schema.Struct({
  about: Schema.String,
  /** The server secret, unless `HOLDFAST_PEPPER` is set. */
  secret: Secret,
  demo: Schema.optionalKey(Demo)
})
/** What the development file holds. */
export interface DevData extends Schema.Schema.Type<typeof DevData> {}

/** The development file cannot be used; says why. */
export class BadDevFile extends Schema.TaggedError<BadDevFile>()("BadDevFile", { message: Schema.String }) {
  /** There is something else in it. */
  static readonly unreadable = (path: string) =>
    new BadDevFile({ message: `${path} holds no development data: delete it and start again` })

  /** The system refuses it. */
  static readonly refused = (path: string) => (error: PlatformError.PlatformError) =>
    new BadDevFile({ message: `${path} cannot be kept beside the database (${error.reason._tag}): check DATABASE_URL` })
}

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(DevData))
const encode = Schema.encodeEffect(DevData)

/** Where the development file of a database lies: beside the file, or where the file would be. One in memory has none. */
const devFilePath = (database: Database): string | null => {
  if (database.engine === "postgres") return join("data", "dev.json")
  return database.filename === ":memory:" ? null : join(dirname(database.filename), "dev.json")
}

const fresh = (): DevData => ({
  about: "Development only: the server secret and the demo key of the database beside this file. Safe to delete.",
  secret: Redacted.make(randomBytes(48).toString("base64url"))
})

/** Development data, and whether they were made just now. */
export interface OpenedDevFile {
  readonly path: string | null
  readonly data: DevData
  readonly created: boolean
}

/** Reads the file, or makes it. Processes that start together agree on one secret. */
export const openDevFile = (database: Database): Effect.Effect<OpenedDevFile, BadDevFile, FileSystem.FileSystem> => {
  const path = devFilePath(database)
  if (path === null) return Effect.sync(() => ({ path, data: fresh(), created: true }))
  return Effect.catchTag(open(path), "PlatformError", (error) => Effect.fail(BadDevFile.refused(path)(error)))
}

const open = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  // Whoever copied it here may have let others read the secret.
  const read = Effect.flatMap(Effect.andThen(fs.chmod(path, 0o600), fs.readFileString(path)), (text) =>
    Effect.mapError(decode(text), () => BadDevFile.unreadable(path))
  )
  if (yield* fs.exists(path)) return { path, data: yield* read, created: false }
  yield* fs.makeDirectory(dirname(path), { recursive: true, mode: 0o700 })
  const data = fresh()
  // A link fails where the file exists, and never shows it half-written. Not every file system has links.
  const created = yield* withDraft(path, data, (draft) =>
    Effect.matchEffect(fs.link(draft, path), {
      onSuccess: () => Effect.succeed(true),
      onFailure: () =>
        Effect.flatMap(fs.exists(path), (taken) =>
          taken ? Effect.succeed(false) : Effect.as(fs.rename(draft, path), true)
        )
    })
  )
  return { path, data: created ? data : yield* read, created }
})

/** Replaces the file, in one step. */
export const writeDevFile = Effect.fn("writeDevFile")(function* (path: string | null, data: DevData) {
  if (path === null) return
  const fs = yield* FileSystem.FileSystem
  yield* Effect.mapError(
    withDraft(path, data, (draft) => fs.rename(draft, path)),
    BadDevFile.refused(path)
  )
})

const withDraft = Effect.fnUntraced(function* <A, E, R>(
  path: string,
  data: DevData,
  use: (draft: string) => Effect.Effect<A, E, R>
) {
  const fs = yield* FileSystem.FileSystem
  const draft = `${path}.${randomBytes(6).toString("hex")}`
  const text = JSON.stringify(yield* Effect.orDie(encode(data)), null, 2)
  yield* fs.writeFileString(draft, `${text}\n`, { mode: 0o600 })
  return yield* Effect.ensuring(use(draft), Effect.ignore(fs.remove(draft, { force: true })))
})

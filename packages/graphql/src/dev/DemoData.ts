/**
 * The demo: an organization, a sandbox key and a session to try the server with, in development only.
 *
 * It is made in an empty database, and made good when database and development file do not belong together (one of them was
 * deleted, say). A database that holds somebody's data under a secret of their own is left alone.
 */
import { ApiKeys, ApiKeyStore, callerFor, defaultScopes, Sessions } from "@holdfast/core"
import { Effect, References } from "effect"
import type { Demo, OpenedDevFile } from "./DevFile.ts"
import { writeDevFile } from "./DevFile.ts"

const slug = "demo"

/** What the demo session holds before anybody updates it: something to replace, to remove and to leave alone. */
export const demoMetadata = { tier: "free", note: "call back", locale: "en-GB" }

/** The demo, or `null` if there is to be none; and what was done about it, in sentences. */
export const ensureDemo = Effect.fn("ensureDemo")(function* (
  file: OpenedDevFile,
  options: {
    /** The server secret in use is the file's own. */
    readonly ownSecret: boolean
  }
) {
  const apiKeys = yield* ApiKeys
  const sessions = yield* Sessions
  const known = file.data.demo
  const empty = (yield* (yield* ApiKeyStore).organizations).length === 0

  const isGood = (key: Demo["key"]) =>
    Effect.isSuccess(apiKeys.authenticate({ key, address: "127.0.0.1", requestId: "start" })).pipe(
      // A key that the database does not know is nothing to report here.
      Effect.provideService(References.MinimumLogLevel, "None")
    )
  const key = known !== undefined && (yield* isGood(known.key)) ? known.key : null
  if (key === null && !empty && !options.ownSecret) return { demo: null, notes: [] }

  const { organization } = yield* apiKeys.ensureOrganization(slug)
  const caller = callerFor(organization, "sandbox")
  const isThere = (session: Demo["session"]) =>
    sessions.get(caller, session).pipe(
      Effect.map(({ retentionStatus }) => retentionStatus !== "redacted"),
      Effect.catchTag("NotFound", () => Effect.succeed(false))
    )
  if (known !== undefined && key !== null && (yield* isThere(known.session))) return { demo: known, notes: [] }

  const demo: Demo = { organization: slug, key: key ?? (yield* makeKey), session: (yield* makeSession(caller)).id }
  yield* writeDevFile(file.path, { ...file.data, demo })
  return { demo, notes: notesOf(file, { empty, hasNewKey: key === null, ...options }) }
})

const makeKey = Effect.gen(function* () {
  const scopes = [...defaultScopes, "redact:write" as const]
  const input = { organization: slug, environment: "sandbox", label: "GraphiQL", scopes } as const
  return (yield* (yield* ApiKeys).create(input)).secret
})

const makeSession = Effect.fnUntraced(function* (caller: ReturnType<typeof callerFor>) {
  const input = { externalRef: "user-42", metadata: demoMetadata }
  return (yield* (yield* Sessions).create(caller, { input })).session
})

const notesOf = (
  { created, data, path }: OpenedDevFile,
  { empty, hasNewKey, ownSecret }: { readonly empty: boolean; readonly hasNewKey: boolean; readonly ownSecret: boolean }
): ReadonlyArray<string> => {
  const what = hasNewKey ? "a sandbox key and a session for the organization demo" : "a new demo session"
  const why = data.demo === undefined ? "" : ", because those of before are not in this database"
  const where = path === null ? "" : `; see ${path}`
  const isLost = created && !empty && ownSecret
  return [
    ...(isLost
      ? ["The development file was gone, and its secret with it: API keys made earlier are not good any more"]
      : []),
    `Made ${what}${why}${where}`
  ]
}

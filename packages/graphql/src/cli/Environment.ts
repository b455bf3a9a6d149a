/** What a command runs in: the settings, and the server secret, which in development is kept in a file. */
import { Effect } from "effect"
import type { Redacted } from "effect"
import { layerStores } from "../config/Database.ts"
import { layerLogging } from "../config/Logging.ts"
import { httpUrl, settings } from "../config/Settings.ts"
import type { Settings } from "../config/Settings.ts"
import { openDevFile } from "../dev/DevFile.ts"
import type { OpenedDevFile } from "../dev/DevFile.ts"
import { layerServices } from "../Services.ts"

/** What a command runs in. */
export interface Environment {
  readonly settings: Settings
  readonly secret: Redacted.Redacted<string>
  /** `null` in production. */
  readonly devFile: OpenedDevFile | null
}

const open = Effect.fnUntraced(function* (found: Settings) {
  if (found.production) return { settings: found, secret: found.pepper, devFile: null } satisfies Environment
  const devFile = yield* openDevFile(found.database)
  return { settings: found, secret: found.pepper ?? devFile.data.secret, devFile } satisfies Environment
})

/** Does a command's work with the settings, and logs as they say. */
export const withSettings = <A, E, R>(work: (found: Settings) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(settings, (found) => Effect.provide(work(found), layerLogging(found)))

/** Does a command's work that takes the server secret as well. */
export const inEnvironment = <A, E, R>(work: (environment: Environment) => Effect.Effect<A, E, R>) =>
  withSettings((found) => Effect.flatMap(open(found), work))

/** The services over the database that the settings name. */
export const servicesOf = ({ secret, settings: found }: Environment) =>
  layerServices({
    stores: layerStores(found.database),
    secret,
    previousSecrets: found.previousPeppers,
    publicUrl: found.publicUrl ?? httpUrl(found.host, found.port)
  })

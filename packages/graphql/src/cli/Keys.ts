/** `holdfast keys`: API keys made, listed, rotated and revoked, beside a running server too. */
import { ApiKeys } from "@holdfast/core"
import type { IssuedApiKey } from "@holdfast/core"
import { Console, DateTime, Effect, Option, Redacted } from "effect"
import { CliError, Command } from "effect/cli"
import { inEnvironment, servicesOf } from "./Environment.ts"
import { Failure } from "./Failure.ts"
import * as flags from "./KeyFlags.ts"
import { listToJson, toJson, toTable } from "./KeyOutput.ts"

/** Does a command's work with the keys of the database that the environment names. */
const withKeys = <A, E, R>(work: (keys: ApiKeys["Service"]) => Effect.Effect<A, E, R>) =>
  inEnvironment((environment) => Effect.provide(Effect.flatMap(ApiKeys, work), servicesOf(environment)))

const noSuch = (what: string) => ({ NotFound: () => Effect.fail(new Failure({ message: `There is no such ${what}` })) })

const printIssued = ({ apiKey, secret }: IssuedApiKey, json: boolean) =>
  Console.log(json ? toJson(apiKey, secret) : Redacted.value(secret))

const create = Command.make("create", {
  organization: flags.newOwner,
  environment: flags.environment,
  scopes: flags.scope,
  label: flags.label,
  expiresIn: flags.expiresIn,
  expiresAt: flags.expiresAt,
  allowList: flags.allow,
  version: flags.apiVersion,
  inflection: flags.inflection,
  json: flags.json
}).pipe(
  Command.withDescription("Make a key. Prints the key and nothing else; it is shown this once"),
  Command.withExamples([
    {
      command: "holdfast keys create --organization acme --environment sandbox --scope sessions:write",
      description: "A sandbox key that may update sessions and nothing else"
    },
    {
      command: "holdfast keys create -o acme -e live --label checkout --expires-in 30d --allow 10.0.0.0/8",
      description: "A live key for 30 days, for callers in one network"
    }
  ]),
  Command.validate(
    Effect.fnUntraced(function* ({ expiresAt, expiresIn }) {
      if (Option.isSome(expiresAt) && Option.isSome(expiresIn)) {
        return yield* new CliError.ValidationError({ message: "--expires-in and --expires-at exclude each other" })
      }
      if (Option.isSome(expiresAt) && DateTime.isLessThanOrEqualTo(expiresAt.value, yield* DateTime.now)) {
        return yield* new CliError.ValidationError({ message: "--expires-at takes a time that is still to come" })
      }
    })
  ),
  Command.withHandler((given) =>
    withKeys(
      Effect.fnUntraced(function* (keys) {
        const { created, organization } = yield* keys.ensureOrganization(given.organization)
        if (created)
          yield* Console.error(`Made the organization ${organization.slug} with its environments live and sandbox`)
        const now = yield* DateTime.now
        const expiresAt = Option.orElse(
          Option.map(given.expiresIn, (time) => DateTime.addDuration(now, time)),
          () => given.expiresAt
        )
        const issued = yield* keys.create({
          organization: given.organization,
          environment: given.environment,
          scopes: given.scopes.length === 0 ? undefined : [...new Set(given.scopes)],
          label: Option.getOrUndefined(given.label),
          version: Option.getOrUndefined(given.version),
          inflection: Option.getOrUndefined(given.inflection),
          allowList: given.allowList,
          expiresAt: Option.getOrUndefined(expiresAt)
        })
        yield* printIssued(issued, given.json)
      })
    )
  )
)

const list = Command.make("list", {
  organization: flags.owner,
  environment: flags.onlyEnvironment,
  json: flags.json
}).pipe(
  Command.withDescription("List an organization's keys, newest first"),
  Command.withExamples([
    { command: "holdfast keys list --organization acme", description: "All keys of an organization" }
  ]),
  Command.withHandler((given) =>
    withKeys(
      Effect.fnUntraced(function* (keys) {
        const found = yield* Effect.catchTags(
          keys.list({ organization: given.organization, environment: Option.getOrUndefined(given.environment) }),
          noSuch("organization")
        )
        yield* Console.log(given.json ? listToJson(found) : toTable(found, yield* DateTime.now))
      })
    )
  )
)

const rotate = Command.make("rotate", { id: flags.keyId, overlap: flags.overlap, json: flags.json }).pipe(
  Command.withDescription(
    "Replace a key by a new one with the same id and rights. Prints the new key and nothing else"
  ),
  Command.withExamples([
    { command: "holdfast keys rotate key_… --overlap 7d", description: "The old key stays good for a week" },
    { command: "holdfast keys rotate key_… --overlap 0m", description: "The old key ends now" }
  ]),
  Command.withHandler((given) =>
    withKeys(
      Effect.fnUntraced(function* (keys) {
        const issued = yield* Effect.catchTags(
          keys.rotate({ id: given.id, overlap: Option.getOrUndefined(given.overlap) }),
          noSuch("key that is still good")
        )
        yield* printIssued(issued, given.json)
      })
    )
  )
)

const revoke = Command.make("revoke", { id: flags.keyId, json: flags.json }).pipe(
  Command.withDescription("End a key for good. Running servers refuse it within 5 seconds"),
  Command.withExamples([{ command: "holdfast keys revoke key_…", description: "End a key that leaked" }]),
  Command.withHandler((given) =>
    withKeys(
      Effect.fnUntraced(function* (keys) {
        const revoked = yield* Effect.catchTags(keys.revoke(given.id), noSuch("key"))
        yield* given.json ? Console.log(toJson(revoked)) : Console.error(`Revoked ${revoked.id}`)
      })
    )
  )
)

/** The commands for API keys. */
export const keys = Command.make("keys").pipe(
  Command.withDescription("Make, list, rotate and revoke API keys; a running server need not be stopped"),
  Command.withSubcommands([create, list, rotate, revoke])
)

/** The flags and arguments of the commands for API keys, each checked before anything is opened. */
import {
  AddressRange,
  ApiKeyId,
  apiVersions,
  EnvironmentKind,
  KeyInflection,
  OrganizationSlug,
  Scope
} from "@holdfast/core"
import { DateTime, Duration, Option, Schema } from "effect"
import { Argument, Flag } from "effect/cli"

const units = { m: "minutes", h: "hours", d: "days", w: "weeks" } as const

/** A length of time such as `90m`, `12h`, `30d` or `4w`. */
const parseDuration = (text: string): Option.Option<Duration.Duration> => {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? []
  return unit === undefined
    ? Option.none()
    : Duration.fromInput(`${Number(count)} ${units[unit as keyof typeof units]}`)
}

const duration = (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("time"),
    Flag.filterMap(parseDuration, () => "takes a length of time such as 90m, 12h, 30d or 4w")
  )

const slug = Flag.String("organization").pipe(
  Flag.withAlias("o"),
  Flag.withMetavar("name"),
  Flag.filter(Schema.is(OrganizationSlug), () => "takes 1 to 63 of a-z, 0-9 and -")
)

/** The organization of a key to make. */
export const newOwner = Flag.withDescription(
  slug,
  "Organization that owns the key; made with both environments if missing"
)

/** An organization that exists. */
export const owner = Flag.withDescription(slug, "Organization that owns the keys")

const kind = Flag.Literals("environment", EnvironmentKind.literals).pipe(Flag.withAlias("e"))

/** The environment of a key to make. */
export const environment = Flag.withDescription(kind, "Which of the organization's two environments")

/** Narrows a list to an environment. */
export const onlyEnvironment = kind.pipe(Flag.withDescription("Only this environment"), Flag.optional)

/** What callers with the key may do. */
export const scope = Flag.Literals("scope", Scope.literals).pipe(
  Flag.withDescription("What its callers may do; repeat it for more (default: sessions:read, :create and :write)"),
  Flag.atLeast(0)
)

/** What the key is for. */
export const label = Flag.String("label").pipe(
  Flag.withDescription("What the key is for, in your words: at most 255 characters"),
  Flag.withMetavar("text"),
  Flag.optional
)

const dates = apiVersions.all.map(({ date }) => date)

/** The version that callers get unless they ask for another. */
export const apiVersion = Flag.Literals("api-version", dates).pipe(
  Flag.withDescription(
    `API version its callers get unless they ask for another (default: ${apiVersions.current.date})`
  ),
  Flag.optional
)

/** How answers to the key are written. */
export const inflection = Flag.Literals("inflection", KeyInflection.literals).pipe(
  Flag.withDescription("How field names are written in answers to it (default: the facade's own way)"),
  Flag.optional
)

/** Where the key may be used from. */
export const allow = Flag.String("allow").pipe(
  Flag.withMetavar("network"),
  Flag.withDescription("Address or network it may be used from; repeat it for more (default: anywhere)"),
  Flag.filter(Schema.is(AddressRange), () => "takes an IP address or a network, such as 10.0.0.0/8"),
  Flag.atLeast(0)
)

/** How long the key is good. */
export const expiresIn = duration("expires-in").pipe(
  Flag.withDescription("How long it is good, such as 90m, 12h, 30d or 4w (default: for ever)"),
  Flag.optional
)

/** Until when the key is good. */
export const expiresAt = Flag.String("expires-at").pipe(
  Flag.withMetavar("date"),
  Flag.withDescription("Until when it is good, such as 2027-01-31 or 2027-01-31T12:00:00Z"),
  Flag.filterMap(
    (text) => (/^\d{4}-\d\d-\d\d(T.*Z)?$/.test(text) ? DateTime.make(text) : Option.none()),
    () => "takes a date such as 2027-01-31, or a time in UTC such as 2027-01-31T12:00:00Z"
  ),
  Flag.optional
)

/** How long the old secret stays good after a rotation. */
export const overlap = duration("overlap").pipe(
  Flag.withDescription("How long the old key stays good, such as 0m, 12h or 7d (default: 24h)"),
  Flag.optional
)

/** Machine-readable output. */
export const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON, for scripts"), Flag.withDefault(false))

/** The key to work on. */
export const keyId = Argument.String("id").pipe(
  Argument.withDescription("Id of the key, key_…, as `keys list` shows it"),
  Argument.filterMap(
    Schema.decodeOption(ApiKeyId),
    () => "takes the id of a key, key_ and 26 characters, as `keys list` shows it"
  )
)

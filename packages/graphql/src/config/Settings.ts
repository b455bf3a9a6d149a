/**
 * The settings of the server and the command line, from the environment. Every variable has a default that suits
 * development; in production only `HOLDFAST_PEPPER` has to be set.
 */
import { AddressRange, minSecretBytes } from "@holdfast/core"
import { Effect, Redacted, Schema } from "effect"
import type { LogLevel } from "effect"
import { isIPv6 } from "node:net"
import { database } from "./Database.ts"
import type { Database } from "./Database.ts"
import { list, oneOf, readAll, variable } from "./Variable.ts"
import type { InvalidConfiguration } from "./Variable.ts"

/** How log entries are written: for people, one JSON object a line, or one line of `key=value`. */
export type LogFormat = (typeof logFormats)[number]

/** What the environment says. */
export type Settings = CommonSettings & (ProductionSettings | DevelopmentSettings)

interface ProductionSettings {
  /** `NODE_ENV=production`: no development data, no GraphiQL, no introspection. */
  readonly production: true
  /** `HOLDFAST_PEPPER`: the server secret. */
  readonly pepper: Redacted.Redacted<string>
}

interface DevelopmentSettings {
  readonly production: false
  /** `HOLDFAST_PEPPER`; `null` if it is not set, and then one is kept in the development file. */
  readonly pepper: Redacted.Redacted<string> | null
}

interface CommonSettings {
  /** `HOST`: the address to listen on. */
  readonly host: string
  /** `PORT`: the port to listen on; 0 takes a free one. */
  readonly port: number
  /** `DATABASE_URL`, and the variables that begin with `DATABASE_`. */
  readonly database: Database
  /** `HOLDFAST_PEPPER_PREVIOUS`: the secrets that the server secret replaced. */
  readonly previousPeppers: ReadonlyArray<Redacted.Redacted<string>>
  /** `HOLDFAST_PUBLIC_URL`: where the product is reached from outside, without a trailing slash; `null` if it is not set. */
  readonly publicUrl: string | null
  /** `TRUST_PROXY`: the proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: ReadonlyArray<string>
  /** `CORS_ORIGINS`: the origins whose pages may ask. */
  readonly corsOrigins: ReadonlyArray<string>
  /** `LOG_LEVEL`: what weighs less is not logged. */
  readonly logLevel: LogLevel.LogLevel
  /** `LOG_FORMAT`. */
  readonly logFormat: LogFormat
}

/** Anything else could be meant as production, and would be open like development. */
const modes = ["development", "test", "production"] as const
const logFormats = ["pretty", "json", "logfmt"] as const
const logLevels = ["All", "Trace", "Debug", "Info", "Warn", "Error", "Fatal", "None"] as const

const choices = (words: ReadonlyArray<string>) => words.map((word) => word.toLowerCase()).join(", ")

const secretTakes = `at least ${minSecretBytes} bytes of secret, such as the output of \`openssl rand -base64 48\``

const secret = (text: string) =>
  Buffer.byteLength(text) >= minSecretBytes ? Redacted.make(text, { label: "server secret" }) : undefined

const pepper = variable("HOLDFAST_PEPPER", secretTakes, secret, null)
const pepperMissing = `HOLDFAST_PEPPER is not set; in production it takes ${secretTakes}`
const isPresent = <A>(value: A | null): value is A => value !== null

const port = (text: string) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined)

const host = (text: string) => (isIPv6(text) || /^[\w.-]+$/.test(text) ? text : undefined)

const publicUrl = (text: string) => {
  const url = URL.parse(text)
  const plain =
    url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username + url.password === ""
  return plain ? url.href.replace(/\/+$/, "") : undefined
}

const origin = (text: string) => {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text ? text : undefined
}

const range = (text: string) => (isRange(text) ? text : undefined)
const isRange = Schema.is(AddressRange)

const common = {
  host: variable("HOST", "an address or a host name, such as 127.0.0.1", host, "127.0.0.1"),
  port: variable("PORT", "a port from 0 to 65535; 0 takes a free one", port, 4000),
  database,
  previousPeppers: variable(
    "HOLDFAST_PEPPER_PREVIOUS",
    `earlier secrets of at least ${minSecretBytes} bytes, separated by commas`,
    list(secret),
    []
  ),
  publicUrl: variable(
    "HOLDFAST_PUBLIC_URL",
    "an http or https address without query, such as https://id.example.com",
    publicUrl,
    null
  ),
  trustProxy: variable(
    "TRUST_PROXY",
    "addresses and networks separated by commas, such as 10.0.0.0/8",
    list(range),
    []
  ),
  corsOrigins: variable(
    "CORS_ORIGINS",
    "origins separated by commas, such as https://app.example.com",
    list(origin),
    []
  ),
  logLevel: variable("LOG_LEVEL", `one of ${choices(logLevels)}`, oneOf(logLevels), "Info" as const)
}

const logFormat = (fallback: LogFormat) =>
  variable("LOG_FORMAT", `one of ${choices(logFormats)}`, oneOf(logFormats), fallback)

/** Reads the settings; fails with a line for each variable that is wrong. */
export const settings: Effect.Effect<Settings, InvalidConfiguration> = Effect.gen(function* () {
  const { mode } = yield* readAll({
    mode: variable("NODE_ENV", `one of ${modes.join(", ")}`, oneOf(modes), "development" as const)
  })
  if (mode !== "production") {
    return { ...(yield* readAll({ ...common, pepper, logFormat: logFormat("pretty") })), production: false }
  }
  const required = Effect.filterOrFail(pepper, isPresent, () => pepperMissing)
  return { ...(yield* readAll({ ...common, pepper: required, logFormat: logFormat("json") })), production: true }
})

/** The address under which a server that listens there is reached from the same machine. */
export const httpUrl = (host: string, port: number): string => {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}`
}

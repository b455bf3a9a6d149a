/**
 * Factories: values that are right in every field, so that a test states only the fields it is about.
 *
 * They are plain and deterministic: the same call makes the same value. What must be real (a key that authenticates) comes
 * from {@link provision}, which goes through the library's own front door.
 */
import { ApiKeys, Authenticator, Scope } from "@holdfast/core"
import type {
  ApiKey,
  Caller,
  CreateApiKeyInput,
  Credentials,
  IdByPrefix,
  Organization,
  OrganizationSlug,
  Session,
  Tenant
} from "@holdfast/core"
import { DateTime, Effect, Redacted } from "effect"

/** The well-formed identifier number `n` of a kind. Identifiers sort by their numbers. */
export const makeId = <Prefix extends keyof IdByPrefix>(prefix: Prefix, n: number): IdByPrefix[Prefix] =>
  `${prefix}_${String(n).padStart(26, "0")}` as IdByPrefix[Prefix]

/** The instant so many milliseconds after 1970 began, which is when the test clock starts. */
export const at = (millis: number): DateTime.Utc => DateTime.makeUnsafe(millis)

/** The sandbox of the organization `acme`. */
export const makeTenant = (overrides: Partial<Tenant> = {}): Tenant => ({
  organization: "acme" as OrganizationSlug,
  environment: makeId("env", 1),
  ...overrides
})

/** A caller in the sandbox of `acme` that may do everything. */
export const makeCaller = (overrides: Partial<Caller> = {}): Caller => ({
  ...makeTenant(),
  kind: "sandbox",
  scopes: new Set(Scope.literals),
  apiKey: makeId("key", 1),
  version: null,
  inflection: null,
  requestId: "req_test",
  address: "192.0.2.1",
  ...overrides
})

/** A session as creation leaves it: pending, at revision 1, with a token for the first twenty minutes of 1970. */
export const makeSession = (overrides: Partial<Session> = {}): Session => ({
  id: makeId("ses", 1),
  status: "pending",
  isSandbox: true,
  environment: makeId("env", 1),
  createdAt: at(0),
  updatedAt: at(0),
  externalRef: null,
  metadata: {},
  country: null,
  checks: null,
  workflowId: null,
  redirectUrl: null,
  documentType: null,
  retentionStatus: "active",
  processingAttempts: null,
  consentIp: null,
  capture: { generation: 1, keyVersion: "00000000" },
  tokenExpiresAt: at(20 * 60_000),
  caseId: null,
  caseStatus: null,
  tags: [],
  revision: 1,
  ...overrides
})

/** What an authenticator is given for a request that carries this key. */
export const makeCredentials = (
  secret: Redacted.Redacted<string> | string | null,
  overrides: Partial<Credentials> = {}
): Credentials => ({
  header: (name) =>
    name !== "x-api-key" || secret === null ? null : Redacted.isRedacted(secret) ? Redacted.value(secret) : secret,
  address: "192.0.2.1",
  requestId: "req_test",
  ...overrides
})

/** A tenant with a key that works. */
export interface Provisioned {
  readonly organization: Organization
  readonly apiKey: ApiKey
  /** The text for the `X-API-Key` header. */
  readonly secret: Redacted.Redacted<string>
  /** Who that key is, in the request `req_test`. */
  readonly caller: Caller
}

/**
 * Makes the organization (`acme`) and a key for its sandbox with all scopes, and authenticates with it. Dies when it cannot.
 *
 * @example
 * const { caller, secret } = yield* provision({ organization: "globex", scopes: ["sessions:read"] })
 */
export const provision = (
  input: Partial<CreateApiKeyInput> = {}
): Effect.Effect<Provisioned, never, ApiKeys | Authenticator> =>
  Effect.gen(function* () {
    const apiKeys = yield* ApiKeys
    const authenticator = yield* Authenticator
    const { organization } = yield* apiKeys.ensureOrganization(input.organization ?? "acme")
    const { apiKey, secret } = yield* apiKeys.create({
      environment: "sandbox",
      scopes: Scope.literals,
      ...input,
      organization: organization.slug
    })
    const credentials = makeCredentials(secret)
    const identity = yield* authenticator.authenticate(credentials)
    const caller: Caller = { ...identity, requestId: credentials.requestId, address: credentials.address }
    return { organization, apiKey, secret, caller }
  }).pipe(Effect.orDie)

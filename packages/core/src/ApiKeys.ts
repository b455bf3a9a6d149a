/**
 * API keys: made, found out, listed, rotated and revoked (contract §1).
 *
 * Only a keyed hash of a key's secret is kept; the key itself is returned once, `Redacted`. Whoever calls this service is
 * trusted to administrate: it takes no caller.
 */
import { Clock, Context, DateTime, Duration, Effect, Layer, Redacted, Result, Schema } from "effect"
import type { Identity } from "./Caller.ts"
import { addressTest } from "./domain/AllowList.ts"
import { displayPrefix, formatKey, parseApiKey } from "./domain/ApiKey.ts"
import type { ApiKey, PresentedKey, StoredApiKey } from "./domain/ApiKey.ts"
import type { ApiKeyId } from "./domain/Ids.ts"
import { defaultScopes } from "./domain/Scope.ts"
import { EnvironmentKind, OrganizationSlug } from "./domain/Tenant.ts"
import type { Organization, Tenant } from "./domain/Tenant.ts"
import { decodeAll } from "./domain/Violation.ts"
import { apiVersions } from "./ApiVersions.ts"
import { CreateApiKeyInput } from "./CreateApiKeyInput.ts"
import type { Unavailable } from "./Errors.ts"
import { NotFound, Unauthorized, Unprocessable } from "./Errors.ts"
import { IdGenerator } from "./IdGenerator.ts"
import { makeRefusals } from "./internal/Refusals.ts"
import type { RefusalReason } from "./internal/Refusals.ts"
import { orUnavailable } from "./internal/Available.ts"
import { Keyring, sameHash } from "./Keyring.ts"
import { ApiKeyStore } from "./store/ApiKeyStore.ts"
import type { SessionStore } from "./store/SessionStore.ts"

/** A key and its secret text, which is never shown again. */
export interface IssuedApiKey {
  readonly apiKey: ApiKey
  /** The text for the `X-API-Key` header. */
  readonly secret: Redacted.Redacted<string>
}

/** A key as a caller presented it. */
export interface PresentedCredentials {
  readonly key: Redacted.Redacted<string>
  /** Address of the client, normalised; `null` if unknown, and then a key with an allow-list is refused. */
  readonly address: string | null
  readonly requestId: string
}

/** Old and new secret are both good for this long after a rotation, unless another overlap is asked for. */
export const defaultOverlap = Duration.hours(24)

/**
 * The API keys of all organizations.
 *
 * @example
 * const { secret } = yield* (yield* ApiKeys).create({ organization: "acme", environment: "sandbox" })
 */
export class ApiKeys extends Context.Service<
  ApiKeys,
  {
    /** The organization of that name with both its environments, made if it is missing; `created` says which. */
    readonly ensureOrganization: (
      slug: string
    ) => Effect.Effect<{ readonly organization: Organization; readonly created: boolean }, Unprocessable | Unavailable>

    /** A new key. `NotFound` if there is no such organization; `Unprocessable` lists every violated rule. */
    readonly create: (input: CreateApiKeyInput) => Effect.Effect<IssuedApiKey, NotFound | Unprocessable | Unavailable>

    /** Who presents this key. `Unauthorized`, one for all reasons; the reason goes to the log. */
    readonly authenticate: (presented: PresentedCredentials) => Effect.Effect<Identity, Unauthorized | Unavailable>

    /** The keys of an organization, both environments or one, newest first. */
    readonly list: (options: {
      readonly organization: string
      readonly environment?: EnvironmentKind | undefined
    }) => Effect.Effect<ReadonlyArray<ApiKey>, NotFound | Unavailable>

    /**
     * A new secret for a key; the old one stays good for the overlap, 24 hours by default. At most two are good at a time.
     * `NotFound` also for a key that is revoked or has expired: make a new one.
     */
    readonly rotate: (options: {
      readonly id: ApiKeyId
      readonly overlap?: Duration.Duration | undefined
    }) => Effect.Effect<IssuedApiKey, NotFound | Unavailable>

    /** Ends a key, both its secrets included. Revoking again changes nothing. */
    readonly revoke: (id: ApiKeyId) => Effect.Effect<ApiKey, NotFound | Unavailable>
  }
>()("@holdfast/core/ApiKeys") {
  /** API keys over a store. */
  static readonly layer: Layer.Layer<ApiKeys, never, ApiKeyStore | SessionStore | Keyring | IdGenerator> = Layer.effect(
    ApiKeys,
    Effect.gen(function* () {
      const store = yield* ApiKeyStore
      const keyring = yield* Keyring
      const ids = yield* IdGenerator
      const refused = yield* makeRefusals
      const scope = yield* Effect.scope
      const touched = new Map<ApiKeyId, number>()

      const nobody = { keyVersion: keyring.current, hash: "" }

      const hash = (secret: string) => ({
        keyVersion: keyring.current,
        hash: Buffer.from(keyring.mac("api-key", secret)).toString("base64url")
      })

      const isSecret = (kept: { readonly keyVersion: string; readonly hash: string }, secret: string): boolean => {
        const mac = keyring.mac("api-key", secret, kept.keyVersion)
        return mac !== undefined && sameHash(mac, Buffer.from(kept.hash, "base64url"))
      }

      const issue = Effect.fnUntraced(function* (key: Pick<ApiKey, "id" | "kind">) {
        const written = formatKey(key, yield* ids.randomBytes(32))
        const { secret } = parseApiKey(written) as PresentedKey
        return { text: Redacted.make(written, { label: "API key" }), secret: hash(secret) }
      })

      const organizationOf = Effect.fnUntraced(function* (slug: string) {
        const organization = isSlug(slug) ? yield* orUnavailable(store.findOrganization(slug)) : null
        return organization ?? (yield* new NotFound({ entity: "organization" }))
      })

      const find = Effect.fnUntraced(function* (id: ApiKeyId) {
        return (yield* orUnavailable(store.find(id))) ?? (yield* new NotFound({ entity: "API key" }))
      })

      const ensureOrganization = Effect.fn("ApiKeys.ensureOrganization")(function* (given: string) {
        const { slug } = yield* Effect.fromResult(
          Result.mapError(decodeOrganization({ slug: given }), Unprocessable.validationFailed)
        )
        const live = yield* ids.next("env")
        const organization = yield* orUnavailable(
          store.ensureOrganization({ slug, live, sandbox: yield* ids.next("env"), createdAt: yield* DateTime.now })
        )
        return { organization, created: organization.live === live }
      })

      const create = Effect.fn("ApiKeys.create")(function* (given: CreateApiKeyInput) {
        const input = yield* Effect.fromResult(Result.mapError(decodeCreate(given), Unprocessable.validationFailed))
        const organization = yield* organizationOf(input.organization)
        const id = yield* ids.next("key")
        const { secret, text } = yield* issue({ id, kind: input.environment })
        const stored: StoredApiKey = {
          id,
          organization: organization.slug,
          environment: organization[input.environment],
          kind: input.environment,
          label: input.label ?? "",
          scopes: input.scopes ?? defaultScopes,
          version: input.version ?? apiVersions.current.date,
          inflection: input.inflection ?? null,
          allowList: input.allowList ?? [],
          createdAt: yield* DateTime.now,
          expiresAt: input.expiresAt ?? null,
          revokedAt: null,
          lastUsedAt: null,
          secret,
          previous: null
        }
        yield* orUnavailable(store.insert(stored))
        return { apiKey: visible(stored), secret: text }
      })

      /** Why a key is not good, or `null`. The secret is hashed twice whatever the key is, and even if there is none. */
      const fault = (
        key: StoredApiKey | null,
        presented: PresentedKey,
        address: string | null,
        now: DateTime.Utc
      ): RefusalReason | "unknown" | null => {
        const current = isSecret(key?.secret ?? nobody, presented.secret)
        const previous = isSecret(key?.previous ?? nobody, presented.secret)
        if (key === null || key.kind !== presented.kind) return "unknown"
        const overlap = key.previous !== null && DateTime.isLessThan(now, key.previous.until)
        if (!current && !(previous && overlap)) return "wrong_secret"
        if (key.revokedAt !== null) return "revoked"
        if (key.expiresAt !== null && DateTime.isLessThanOrEqualTo(key.expiresAt, now)) return "expired"
        const allowed = key.allowList.length === 0 || (address !== null && addressTest(key.allowList)(address))
        return allowed ? null : "address"
      }

      const unauthorized = (reason: string) =>
        Effect.andThen(Effect.logInfo("An API key was refused", { reason }), Effect.fail(new Unauthorized()))

      /** Written at most once a minute, and never while the request waits. */
      const touch = Effect.fnUntraced(function* (key: StoredApiKey) {
        const now = yield* Clock.currentTimeMillis
        const last = touched.get(key.id) ?? (key.lastUsedAt && DateTime.toEpochMillis(key.lastUsedAt))
        if (last !== null && now - last < 60_000) return
        if (touched.size >= 10_000) touched.clear()
        touched.set(key.id, now)
        yield* Effect.forkIn(Effect.ignore(store.touch(key, key.id, DateTime.makeUnsafe(now))), scope)
      })

      const authenticate = Effect.fn("ApiKeys.authenticate")(function* (presented: PresentedCredentials) {
        const parsed = parseApiKey(Redacted.value(presented.key))
        if (parsed === undefined) return yield* unauthorized("malformed")
        const key = yield* orUnavailable(store.find(parsed.id))
        const now = yield* DateTime.now
        const reason = fault(key, parsed, presented.address, now)
        if (key === null || reason === "unknown") return yield* unauthorized("unknown")
        if (reason !== null) {
          const { address, requestId } = presented
          yield* refused({ tenant: key, apiKey: key.id, reason, requestId, address })
          return yield* unauthorized(`${reason} (${displayPrefix(key)})`)
        }
        yield* touch(key)
        return {
          organization: key.organization,
          environment: key.environment,
          kind: key.kind,
          scopes: new Set(key.scopes),
          apiKey: key.id,
          version: key.version,
          inflection: key.inflection
        }
      })

      const list = Effect.fn("ApiKeys.list")(function* (options: {
        readonly organization: string
        readonly environment?: EnvironmentKind | undefined
      }) {
        const organization = yield* organizationOf(options.organization)
        const kinds = options.environment === undefined ? EnvironmentKind.literals : [options.environment]
        const found = yield* orUnavailable(Effect.forEach(kinds, (kind) => store.list(tenantOf(organization, kind))))
        return found
          .flat()
          .map(visible)
          .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      })

      const rotate = Effect.fn("ApiKeys.rotate")(function* (options: {
        readonly id: ApiKeyId
        readonly overlap?: Duration.Duration | undefined
      }) {
        const key = yield* find(options.id)
        const now = yield* DateTime.now
        // A new secret would not bring a dead key back to life: to its owner it is gone.
        const ended = key.expiresAt !== null && DateTime.isLessThanOrEqualTo(key.expiresAt, now)
        if (key.revokedAt !== null || ended) return yield* new NotFound({ entity: "API key" })
        const { secret, text } = yield* issue(key)
        const until = DateTime.addDuration(now, options.overlap ?? defaultOverlap)
        const rotated = yield* orUnavailable(store.rotate(key, key.id, secret, until))
        return rotated === null
          ? yield* new NotFound({ entity: "API key" })
          : { apiKey: visible(rotated), secret: text }
      })

      const revoke = Effect.fn("ApiKeys.revoke")(function* (id: ApiKeyId) {
        const key = yield* find(id)
        const revoked = yield* orUnavailable(store.revoke(key, id, yield* DateTime.now))
        return revoked === null ? yield* new NotFound({ entity: "API key" }) : visible(revoked)
      })

      return ApiKeys.of({ ensureOrganization, create, authenticate, list, rotate, revoke })
    })
  )
}

/** The tenant that an organization's environment is. */
export const tenantOf = (organization: Organization, kind: EnvironmentKind): Tenant => ({
  organization: organization.slug,
  environment: organization[kind]
})

const isSlug = Schema.is(OrganizationSlug)
const decodeCreate = decodeAll(CreateApiKeyInput)
const decodeOrganization = decodeAll(Schema.Struct({ slug: CreateApiKeyInput.fields.organization }))

/** The key without its hashes. */
const visible = ({ previous: _, secret: __, ...key }: StoredApiKey): ApiKey => key

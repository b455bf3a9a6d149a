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
import { fault, identityOf } from "./internal/GoodKey.ts"
import type { GoodKey, SecretMatch } from "./internal/GoodKey.ts"
import { makeKnownKeys } from "./internal/KnownKeys.ts"
import { makeRefusals } from "./internal/Refusals.ts"
import { orUnavailable } from "./internal/Available.ts"
import { Keyring, sameHash } from "./Keyring.ts"
import { ApiKeyStore } from "./store/ApiKeyStore.ts"
import type { SessionStore, StoreError } from "./store/SessionStore.ts"

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

    /**
     * Who presents this key. `Unauthorized`, one for all reasons; the reason goes to the log. A key that another process
     * revoked or rotated is refused at the latest five seconds later, one that this process did at once.
     */
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
      const known = makeKnownKeys<GoodKey>()

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

      /** What changes a key is seen here at once, also when its answer is lost. */
      const changing = <A>(change: Effect.Effect<A, StoreError>) =>
        Effect.ensuring(orUnavailable(change), Effect.sync(known.forget))

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

      /** Which of a key's secrets this is. It is hashed twice whatever the key is, and even if there is none. */
      const match = (key: StoredApiKey | null, secret: string): SecretMatch => ({
        current: isSecret(key?.secret ?? nobody, secret),
        previous: isSecret(key?.previous ?? nobody, secret)
      })

      const unauthorized = (reason: string) =>
        Effect.logInfo("An API key was refused").pipe(
          Effect.annotateLogs("reason", reason),
          Effect.andThen(Effect.fail(new Unauthorized()))
        )

      /** Written at most once a minute, and never while the request waits. */
      const touch = (key: StoredApiKey, now: number): Effect.Effect<void> => {
        const last = touched.get(key.id) ?? (key.lastUsedAt && DateTime.toEpochMillis(key.lastUsedAt))
        if (last !== null && now - last < 60_000) return Effect.void
        if (touched.size >= 10_000) touched.clear()
        touched.set(key.id, now)
        return Effect.asVoid(Effect.forkIn(Effect.ignore(store.touch(key, key.id, DateTime.makeUnsafe(now))), scope))
      }

      const look = Effect.fn("ApiKeys.authenticate")(function* (presented: PresentedCredentials) {
        const text = Redacted.value(presented.key)
        const parsed = parseApiKey(text)
        if (parsed === undefined) return yield* unauthorized("malformed")
        const reading = known.begin(text, yield* Clock.currentTimeMillis)
        const key = yield* orUnavailable(store.find(parsed.id))
        const matched = match(key, parsed.secret)
        if (key === null || key.kind !== parsed.kind) return yield* unauthorized("unknown")
        const good: GoodKey = { key, matched, isAllowed: addressTest(key.allowList), identity: identityOf(key) }
        const { address, requestId } = presented
        const now = yield* Clock.currentTimeMillis
        const reason = fault(good, address, now)
        if (reason !== null) {
          yield* refused({ tenant: key, apiKey: key.id, reason, requestId, address })
          return yield* unauthorized(`${reason} (${displayPrefix(key)})`)
        }
        reading.keep(good)
        yield* touch(key, now)
        return good.identity
      })

      // No span where nothing is read: it would cost more than the answer.
      const authenticate = (presented: PresentedCredentials) =>
        Clock.clockWith((clock) => {
          const now = clock.currentTimeMillisUnsafe()
          const good = known.find(Redacted.value(presented.key), now)
          return good === undefined || fault(good, presented.address, now) !== null
            ? look(presented)
            : Effect.as(touch(good.key, now), good.identity)
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
        const rotated = yield* changing(store.rotate(key, key.id, secret, until))
        return rotated === null
          ? yield* new NotFound({ entity: "API key" })
          : { apiKey: visible(rotated), secret: text }
      })

      const revoke = Effect.fn("ApiKeys.revoke")(function* (id: ApiKeyId) {
        const key = yield* find(id)
        const revoked = yield* changing(store.revoke(key, id, yield* DateTime.now))
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

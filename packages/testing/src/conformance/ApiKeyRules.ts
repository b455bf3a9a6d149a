/** Rules of `ApiKeyStore`: organizations, and the keys of their environments. */
import { ApiKeyStore, IdGenerator } from "@holdfast/core"
import type { Organization, StoredApiKey, Tenant } from "@holdfast/core"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { at } from "../Factories.ts"
import { freshTenant, same } from "./World.ts"
import type { SuiteIt } from "./World.ts"

/** An organization that nobody made before, and short ways to make keys in it. */
const makeWorld = Effect.gen(function* () {
  const store = yield* ApiKeyStore
  const ids = yield* IdGenerator
  const tenant = yield* freshTenant
  const organization: Organization = {
    slug: tenant.organization,
    live: yield* ids.next("env"),
    sandbox: tenant.environment,
    createdAt: at(1_767_225_600_001)
  }
  yield* store.ensureOrganization(organization)

  const makeKey = (overrides: Partial<StoredApiKey> = {}) =>
    Effect.map(ids.next("key"), (id): StoredApiKey => ({
      id,
      ...tenant,
      kind: "sandbox",
      label: "",
      scopes: ["sessions:read"],
      version: null,
      inflection: null,
      allowList: [],
      createdAt: at(0),
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
      secret: { keyVersion: "0a1b2c3d", hash: "first" },
      previous: null,
      ...overrides
    }))

  const given = (overrides?: Partial<StoredApiKey>) => Effect.tap(makeKey(overrides), store.insert)

  return { store, ids, tenant, organization, makeKey, given }
})

/** The other environment of the organization, and an environment of the same id elsewhere. */
const strangers = (tenant: Tenant) =>
  Effect.map(freshTenant, (other): ReadonlyArray<Tenant> => [
    { ...tenant, environment: other.environment },
    { ...tenant, organization: other.organization },
    other
  ])

/** Organizations are made once. */
export const organizationRules = (it: SuiteIt) =>
  describe("organizations", () => {
    it.effect("one that is there is found, and one that is not is null", () =>
      Effect.gen(function* () {
        const { organization, store } = yield* makeWorld
        same(yield* store.findOrganization(organization.slug), organization)
        assert.isNull(yield* store.findOrganization((yield* freshTenant).organization))
      })
    )

    it.effect("one that exists stays as it is, and is the answer", () =>
      Effect.gen(function* () {
        const { ids, organization, store } = yield* makeWorld
        const again = { ...organization, live: yield* ids.next("env"), createdAt: at(5) }
        same(yield* store.ensureOrganization(again), organization)
        same(yield* store.findOrganization(organization.slug), organization)
      })
    )

    it.effect("of many that make one at the same moment one wins, and all are told so", () =>
      Effect.gen(function* () {
        const { ids, store } = yield* makeWorld
        const slug = (yield* freshTenant).organization
        const made = yield* Effect.forEach(
          Array.from({ length: 20 }, (_, n) => n),
          Effect.fnUntraced(function* (n) {
            const wanted = { slug, live: yield* ids.next("env"), sandbox: yield* ids.next("env"), createdAt: at(n) }
            return yield* store.ensureOrganization(wanted)
          }),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(new Set(made.map(({ live, sandbox }) => `${live} ${sandbox}`)).size, 1)
        same(yield* store.findOrganization(slug), made[0])
      })
    )

    it.effect("all of them are listed, by slug", () =>
      Effect.gen(function* () {
        const worlds = [yield* makeWorld, yield* makeWorld, yield* makeWorld]
        const listed = yield* (yield* ApiKeyStore).organizations
        const slugs = listed.map(({ slug }) => slug)
        assert.deepStrictEqual(slugs, slugs.toSorted())
        for (const { organization } of worlds) {
          same(
            listed.filter(({ slug }) => slug === organization.slug),
            [organization]
          )
        }
      })
    )
  })

/** Keys are found by id, and changed only by their tenant. */
export const apiKeyRules = (it: SuiteIt) =>
  describe("API keys", () => {
    it.effect("come back exactly, with everything set and with nothing set", () =>
      Effect.gen(function* () {
        const { given, ids, store } = yield* makeWorld
        const full = yield* given({
          label: 'Zoë\'s 👍🏽 "key"',
          scopes: ["webhooks:write", "sessions:read", "redact:write"],
          version: "2026-01-01",
          inflection: "kebab",
          allowList: ["192.0.2.0/24", "2001:db8::/32", "::ffff:10.0.0.1"],
          createdAt: at(1_767_225_600_001),
          expiresAt: at(1_798_761_599_999),
          revokedAt: at(1_767_225_600_002),
          lastUsedAt: at(1_767_225_600_003),
          previous: { keyVersion: "ffffffff", hash: "-_", until: at(1_767_225_600_004) }
        })
        const bare = yield* given()
        same(yield* store.find(full.id), full)
        same(yield* store.find(bare.id), bare)
        assert.isNull(yield* store.find(yield* ids.next("key")))
      })
    )

    it.effect("are listed for their tenant alone, newest first", () =>
      Effect.gen(function* () {
        const { makeKey, organization, store, tenant } = yield* makeWorld
        const keys = yield* Effect.forEach([1, 2, 3, 4], (n) => makeKey({ label: `${n}` }))
        const byAge = keys.toSorted((a, b) => (a.id < b.id ? 1 : -1))
        for (const n of [2, 0, 3, 1]) yield* store.insert(byAge[n] ?? assert.fail("no such key"))
        const live = yield* makeKey({ environment: organization.live, kind: "live" })
        yield* store.insert(live)
        same(yield* store.list(tenant), byAge)
        same(yield* store.list({ ...tenant, environment: organization.live }), [live])
        for (const other of yield* strangers(tenant)) same(yield* store.list(other), [])
      })
    )

    it.effect("a rotation gives another secret, and keeps the one before it until then", () =>
      Effect.gen(function* () {
        const { given, store, tenant } = yield* makeWorld
        const key = yield* given({ label: "kept" })
        const second = { keyVersion: "ffffffff", hash: "second" }
        const once = { ...key, secret: second, previous: { ...key.secret, until: at(5) } }
        same(yield* store.rotate(tenant, key.id, second, at(5)), once)
        same(yield* store.find(key.id), once)
        const third = { keyVersion: "ffffffff", hash: "third" }
        same(yield* store.rotate(tenant, key.id, third, at(9)), {
          ...key,
          secret: third,
          previous: { ...second, until: at(9) }
        })
      })
    )

    it.effect("of two revocations the first counts", () =>
      Effect.gen(function* () {
        const { given, store, tenant } = yield* makeWorld
        const key = yield* given()
        same(yield* store.revoke(tenant, key.id, at(5)), { ...key, revokedAt: at(5) })
        same(yield* store.revoke(tenant, key.id, at(9)), { ...key, revokedAt: at(5) })
        same(yield* store.find(key.id), { ...key, revokedAt: at(5) })
      })
    )

    it.effect("a use is noted, and nothing else changes", () =>
      Effect.gen(function* () {
        const { given, store, tenant } = yield* makeWorld
        const key = yield* given()
        yield* store.touch(tenant, key.id, at(60_000))
        same(yield* store.find(key.id), { ...key, lastUsedAt: at(60_000) })
      })
    )

    it.effect("are changed by no other tenant", () =>
      Effect.gen(function* () {
        const { given, store, tenant } = yield* makeWorld
        const key = yield* given()
        for (const other of yield* strangers(tenant)) {
          assert.isNull(yield* store.rotate(other, key.id, { keyVersion: "0", hash: "theirs" }, at(5)))
          assert.isNull(yield* store.revoke(other, key.id, at(5)))
          yield* store.touch(other, key.id, at(5))
        }
        same(yield* store.find(key.id), key)
      })
    )

    it.effect("one that does not exist is null to change, and no error to use", () =>
      Effect.gen(function* () {
        const { ids, store, tenant } = yield* makeWorld
        const id = yield* ids.next("key")
        assert.isNull(yield* store.rotate(tenant, id, { keyVersion: "0", hash: "x" }, at(5)))
        assert.isNull(yield* store.revoke(tenant, id, at(5)))
        yield* store.touch(tenant, id, at(5))
        assert.isNull(yield* store.find(id))
      })
    )
  })

/**
 * The conformance suite of the store ports: each sentence of `SessionStore` and `ApiKeyStore`, as a test. A store that passes
 * carries the library; what the suite does not say, the library does not rely on.
 *
 * The store is built once, and each rule uses a tenant of its own: the suite may be run against a database with data in it.
 */
import { IdGenerator } from "@holdfast/core"
import { layer as shared } from "@effect/vitest"
import { Layer } from "effect"
import type { Duration } from "effect"
import type { Stores } from "../Layers.ts"
import { apiKeyRules, organizationRules } from "./ApiKeyRules.ts"
import { batchRules } from "./BatchRules.ts"
import { claimRules, revisionRules } from "./CommitRules.ts"
import { exclusiveRules } from "./ExclusiveRules.ts"
import { lapsedRules, sweepRules } from "./HousekeepingRules.ts"
import { listRules } from "./ListRules.ts"
import { pageRules } from "./PageRules.ts"
import { historyRules, loadRules } from "./ReadingRules.ts"
import { redactionRules } from "./RedactionRules.ts"
import { tenantRules } from "./TenantRules.ts"
import { valueRules } from "./ValueRules.ts"

const rules = [
  revisionRules,
  claimRules,
  batchRules,
  exclusiveRules,
  redactionRules,
  loadRules,
  historyRules,
  listRules,
  pageRules,
  lapsedRules,
  sweepRules,
  tenantRules,
  valueRules,
  organizationRules,
  apiKeyRules
]

/**
 * Registers the suite for a store, under its name. Call it at the top of a test file.
 *
 * @example
 * storeConformance("our store", OurStore.layer)
 */
export const storeConformance = <E>(
  name: string,
  stores: Layer.Layer<Stores, E>,
  options?: { /** How long the store may take to start. */ readonly timeout?: Duration.Input }
): void =>
  shared(Layer.merge(stores, IdGenerator.layer), options)(name, (it) => {
    for (const rule of rules) rule(it)
  })

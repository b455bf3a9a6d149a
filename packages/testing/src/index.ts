/**
 * `@holdfast/testing`: what the tests of a program built on Holdfast need.
 *
 * Begin with `layerTest` (the library in memory), `provision` (a tenant with a key that works) and `storeConformance` (for a
 * store of your own).
 */
export * as Arbitraries from "./Arbitraries.ts"
export { storeConformance } from "./conformance/StoreConformance.ts"
export * from "./Factories.ts"
export * as Faults from "./Faults.ts"
export * as GraphQLClient from "./GraphQLClient.ts"
export * from "./Layers.ts"

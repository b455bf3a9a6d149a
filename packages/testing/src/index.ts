/**
 * `@holdfast/testing`: what the tests of a program built on Holdfast need.
 *
 * Begin with `layerTest` (the library in memory), `provision` (a tenant with a key that works), `storeConformance` (for a
 * store of your own) and `facadeConformance` (for a facade).
 */
export * as Arbitraries from "./Arbitraries.ts"
export { storeConformance } from "./conformance/StoreConformance.ts"
export type { Facade, FacadeAnswer, FacadeRequest } from "./facades/Facade.ts"
export { alternating, facadeConformance } from "./facades/FacadeConformance.ts"
export { graphqlFacade } from "./facades/GraphQLFacade.ts"
export { restFacade } from "./facades/RestFacade.ts"
export * from "./Factories.ts"
export * as Faults from "./Faults.ts"
export * as GraphQLClient from "./GraphQLClient.ts"
export { check, invariants } from "./history/Check.ts"
export type { Invariant, Violation } from "./history/Check.ts"
export { finalState } from "./history/FinalState.ts"
export type * from "./history/History.ts"
export { makeRecorder } from "./history/Recorder.ts"
export type { Recorder } from "./history/Recorder.ts"
export { summarize } from "./history/Summary.ts"
export type { Summary } from "./history/Summary.ts"
export * from "./Layers.ts"
export { simulate } from "./simulation/Simulation.ts"
export type { Server, SimulationOptions } from "./simulation/Simulation.ts"

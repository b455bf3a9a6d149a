/** All scenarios, in the order in which they are run. */
import type { Scenario } from "../Scenario.ts"
import { crashes } from "./Crashes.ts"
import { cuts } from "./Cuts.ts"
import { hot } from "./Hot.ts"
import { ioErrors } from "./IoErrors.ts"
import { kills } from "./Kills.ts"
import { noFault } from "./NoFault.ts"
import { powerCuts } from "./PowerCuts.ts"
import { waiters } from "./Waiters.ts"

/** The scenarios. */
export const scenarios: ReadonlyArray<Scenario> = [noFault, waiters, hot, kills, cuts, crashes, powerCuts, ioErrors]

/** The same rules as over every other facade. */
import { facadeConformance, layerTest, restFacade } from "@holdfast/testing"
import { Effect } from "effect"
import { serve } from "./support.ts"

facadeConformance("REST", layerTest, Effect.map(serve(), restFacade))

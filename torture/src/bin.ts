/** The executable: `node torture/src/bin.ts --help`. */
import { runMain } from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { torture } from "./cli/Torture.ts"

runMain(Effect.provide(Command.run(torture, { version: "0.0.0" }), NodeServices.layer))

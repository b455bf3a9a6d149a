/**
 * The command line: `holdfast start | migrate | keys`. What a script wants is on stdout, everything else on stderr. The exit
 * code is 0, 1 for what could not be done, or 2 for a call that makes no sense.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, Effect, Layer, Runtime, Schema } from "effect"
import { CliConfig, CliError, CliOutput, Command, GlobalFlag } from "effect/cli"
import { readFileSync } from "node:fs"
import { describe, describeUsage } from "./Failure.ts"
import { keys } from "./Keys.ts"
import { migrate } from "./Migrate.ts"
import { start } from "./Start.ts"

const holdfast = Command.make("holdfast").pipe(
  Command.withDescription("Identity-verification sessions: an update is never lost and never applied twice"),
  Command.withSubcommands([start, migrate, keys])
)

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly version: string
}

/** Only what was asked for is on stdout: help that nobody asked for would end in somebody's variable. */
const present: CliOutput.Presenter["present"] = (event) => {
  switch (event._tag) {
    case "InvalidInvocation":
      return Console.error([...event.errors.map(describeUsage), `See ${event.commandPath.join(" ")} --help`].join("\n"))
    case "Help":
      return event.reason === "Requested"
        ? CliOutput.defaultPresenter.present(event)
        : Effect.flatMap(CliOutput.Formatter, (formatter) => Console.error(formatter.formatHelpDoc(event.helpDoc)))
    case "Version":
      return Console.log(event.version)
  }
}

const layer = Layer.mergeAll(
  NodeServices.layer,
  CliOutput.layerPresenter({ present }),
  CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
)

/** The command line ended otherwise than well; its lines are on stderr already. */
export class Ended extends Schema.TaggedError<Ended>()("Ended", { code: Schema.Int }) {
  override readonly [Runtime.errorExitCode] = this.code
}

/** Runs a command line. */
export const main = (args: ReadonlyArray<string>): Effect.Effect<void, Ended> =>
  Command.runWith(holdfast, { version })(args).pipe(
    Effect.catchCause((cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
      const error = Cause.squash(cause)
      if (CliError.isCliError(error) && error._tag === "ShowHelp") return Effect.fail(new Ended({ code: 2 }))
      return Effect.andThen(Console.error(describe(cause).join("\n")), Effect.fail(new Ended({ code: 1 })))
    }),
    Effect.provide(layer)
  )

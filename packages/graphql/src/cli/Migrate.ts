/** `holdfast migrate`: the database brought up to date, before the servers that need it start. */
import { layerSqlite } from "@holdfast/core/sqlite"
import { Console, Effect, Layer } from "effect"
import { Command } from "effect/cli"
import { withSettings } from "./Environment.ts"

/** The command that migrates. */
export const migrate = Command.make("migrate").pipe(
  Command.withDescription(
    "Bring the database up to date, making it if it is missing. A server does so itself when it starts"
  ),
  Command.withExamples([
    { command: "DATABASE_URL=sqlite:data/holdfast.db holdfast migrate", description: "Migrate a file" }
  ]),
  Command.withHandler(() =>
    withSettings(({ filename }) =>
      Effect.scoped(Layer.build(layerSqlite({ filename }))).pipe(
        Effect.andThen(Console.error(`The database ${filename} is up to date`))
      )
    )
  )
)

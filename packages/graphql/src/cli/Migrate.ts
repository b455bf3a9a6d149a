/** `holdfast migrate`: the database brought up to date, before the servers that need it start. */
import { Console, Effect, Layer } from "effect"
import { Command } from "effect/cli"
import { layerStores, nameOf } from "../config/Database.ts"
import { withSettings } from "./Environment.ts"

/** The command that migrates. */
export const migrate = Command.make("migrate").pipe(
  Command.withDescription(
    "Bring the database up to date, making it if it is missing. A server does so itself when it starts"
  ),
  Command.withExamples([
    { command: "DATABASE_URL=sqlite:data/holdfast.db holdfast migrate", description: "Migrate a file" },
    { command: "DATABASE_URL=postgres://holdfast@db/holdfast holdfast migrate", description: "Migrate PostgreSQL" }
  ]),
  Command.withHandler(() =>
    withSettings(({ database }) =>
      Effect.scoped(Layer.build(layerStores(database))).pipe(
        Effect.andThen(Console.error(`The database ${nameOf(database)} is up to date`))
      )
    )
  )
)

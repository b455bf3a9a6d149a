/** `holdfast start`: the server. What it is made of is loaded only for this command. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { inEnvironment } from "./Environment.ts"

const description = `Serve GraphQL and REST until told to stop (SIGINT, SIGTERM); what is in flight is answered first.

Settings come from the environment:
  PORT, HOST                where to listen (4000, 127.0.0.1)
  DATABASE_URL              sqlite:<path>, sqlite::memory: or postgres://… (sqlite:data/holdfast.db)
  DATABASE_…                connections and time-outs of PostgreSQL: see docs/operations.md
  HOLDFAST_PEPPER           server secret, at least 32 bytes; required in production
  HOLDFAST_PEPPER_PREVIOUS  earlier secrets, separated by commas
  HOLDFAST_PUBLIC_URL       where the product is reached from outside
  TRUST_PROXY               networks of proxies whose X-Forwarded-For is believed
  CORS_ORIGINS              origins whose pages may ask
  LOG_LEVEL, LOG_FORMAT     info; pretty, json or logfmt
  NODE_ENV=production       no demo, no GraphiQL, no introspection`

/** The command that serves. */
export const start = Command.make("start").pipe(
  Command.withDescription(description),
  Command.withShortDescription("Serve GraphQL and REST until told to stop"),
  Command.withExamples([
    { command: "holdfast start", description: "Development: demo data, GraphiQL on http://127.0.0.1:4000/graphql" },
    { command: "NODE_ENV=production HOLDFAST_PEPPER=… holdfast start", description: "Production" }
  ]),
  Command.withHandler(() =>
    inEnvironment((environment) =>
      Effect.flatMap(
        Effect.promise(() => import("./Launch.ts")),
        ({ launch }) => launch(environment)
      )
    )
  )
)

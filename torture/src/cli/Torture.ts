/** `pnpm torture`: the command line. The report is on stdout, progress on stderr; the exit code is 1 if anything is wrong. */
import { Console, Effect, Option, Random, Runtime, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { engines } from "../database/Database.ts"
import type { Engine } from "../database/Database.ts"
import type { Journal } from "../Journal.ts"
import { faultsOf, toText } from "../Report.ts"
import { isBad, runScenario } from "../Runner.ts"
import type { Verdict } from "../Runner.ts"
import type { Scenario } from "../Scenario.ts"
import { scenarios } from "../scenarios/Scenarios.ts"

/** Something was wrong; the report has said what. */
class Broken extends Schema.TaggedError<Broken>()("Broken", {}) {
  override readonly [Runtime.errorExitCode] = 1
  override readonly [Runtime.errorReported] = false
}

const names = scenarios.map(({ name }) => name)

const flags = {
  engine: Flag.Literals("engine", engines).pipe(
    Flag.withDescription("Database to torture; repeat it for more (default: both)"),
    Flag.atLeast(0)
  ),
  scenario: Flag.Literals("scenario", names).pipe(
    Flag.withDescription("What to do to it; repeat it for more (default: everything)"),
    Flag.atLeast(0)
  ),
  minutes: Flag.Finite("minutes").pipe(
    Flag.withDescription("How long faults may happen in all; a scenario that has seen enough ends earlier"),
    Flag.filter(
      (minutes) => minutes > 0,
      () => "takes a number above 0"
    ),
    Flag.withDefault(10)
  ),
  seed: Flag.String("seed").pipe(
    Flag.withDescription("Repeats what is asked and when faults strike, though not how processes interleave"),
    Flag.optional
  ),
  json: Flag.Boolean("json").pipe(Flag.withDescription("Print the report as JSON"), Flag.withDefault(false))
}

/** One scenario on one database. */
interface Turn {
  readonly engine: Engine
  readonly scenario: Scenario
}

/** The command. */
export const torture = Command.make("torture", flags).pipe(
  Command.withDescription(
    `Let real servers run under load, let faults happen to them, and check everything that was answered.\n\n${scenarios
      .map(({ about, engines, name }) => `  ${name.padEnd(12)}${about} (${engines.join(", ")})`)
      .join("\n")}`
  ),
  Command.withExamples([
    { command: "pnpm torture", description: "Everything, in about ten minutes" },
    { command: "pnpm torture --engine sqlite --scenario kills --minutes 2", description: "One thing" }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const seed = yield* Option.match(given.seed, {
        onSome: Effect.succeed,
        onNone: () => Effect.map(Random.nextIntBetween(0, 1_000_000), String)
      })
      yield* Console.error(`Seed ${seed}`)
      const wanted = <A>(chosen: ReadonlyArray<A>, all: ReadonlyArray<A>) => (chosen.length === 0 ? all : chosen)
      const turns = wanted(given.engine, engines).flatMap((engine) =>
        scenarios
          .filter(({ engines, name }) => engines.includes(engine) && wanted(given.scenario, names).includes(name))
          .map((scenario) => ({ engine, scenario }))
      )
      const verdicts = yield* runAll(turns, seed, given.minutes * 60_000)
      const report = { seed, verdicts }
      yield* Console.log(given.json ? JSON.stringify(report, null, 2) : toText(report))
      if (verdicts.some(isBad)) return yield* new Broken()
    })
  )
)

/** One after the other. Whoever ends early leaves its time to those that come after it. */
const runAll = Effect.fnUntraced(function* (turns: ReadonlyArray<Turn>, seed: string, time: number) {
  const verdicts: Array<Verdict> = []
  const end = performance.now() + time
  for (const [index, { engine, scenario }] of turns.entries()) {
    const weight = turns.slice(index).reduce((sum, turn) => sum + turn.scenario.weight, 0)
    const left = Math.max(end - performance.now(), 5_000)
    let journal: Journal | null = null
    const watch = (made: Journal) => void (journal = made)
    const progress = Effect.suspend(() =>
      journal === null ? Effect.void : tell(`${engine} ${scenario.name}`, journal)
    )
    const verdict = yield* runScenario(scenario, { engine, seed, time: (left * scenario.weight) / weight, watch }).pipe(
      Effect.raceFirst(Effect.forever(Effect.andThen(Effect.sleep("5 seconds"), progress)))
    )
    verdicts.push(verdict)
    yield* Console.error(
      verdict.notRun === null
        ? `${engine} ${scenario.name}: ${isBad(verdict) ? "FAILED" : "passed"} after ${verdict.seconds} s`
        : `${engine} ${scenario.name}: not run, ${verdict.notRun}`
    )
  }
  return verdicts
})

const tell = (name: string, { calls, complaints, faults, keys }: Journal) =>
  Console.error(
    `${name}: ${calls.length} requests, ${keys.size} keys, ${faultsOf(faults)}${complaints.length > 0 ? `, ${complaints.length} complaints` : ""}`
  )

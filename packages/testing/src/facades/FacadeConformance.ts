/**
 * The contract, held against a facade: every case of the table, each in a world of its own. All facades run the same table, so
 * that they cannot drift apart; `alternating` makes one of several, in which what one did the other has to know.
 */
import { describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { assert } from "vitest"
import { cases } from "./Cases.ts"
import type { Case, Expected, Who } from "./cases/Case.ts"
import type { Facade, FacadeAnswer } from "./Facade.ts"
import { provision } from "../Factories.ts"
import type { Services } from "../Layers.ts"

/** The keys of a world: the tenant's own, weaker ones, and other tenants'. */
const makeKeys = Effect.gen(function* () {
  const key = (input: Parameters<typeof provision>[0]) =>
    Effect.map(provision(input), ({ secret }) => Redacted.value(secret))
  return {
    owner: yield* key({}),
    reader: yield* key({ scopes: ["sessions:read"] }),
    writer: yield* key({ scopes: ["sessions:write"] }),
    live: yield* key({ environment: "live" }),
    neighbour: yield* key({ organization: "globex" }),
    nobody: null
  } satisfies Record<Who, string | null>
})

const run = Effect.fnUntraced(function* (facade: Facade, { steps }: Case) {
  const keys = yield* makeKeys
  const first = yield* facade.send({
    operation: "create",
    apiKey: keys.owner,
    id: "",
    input: { externalRef: '"user-42"', metadata: '{"tier":"gold"}' }
  })
  const sessions = new Map([["first", String(first.session?.["id"])]])
  for (const [index, step] of steps.entries()) {
    if (step.after !== undefined) yield* TestClock.adjust(step.after)
    const { by = "owner", does, input = {}, is, makes, ofSession = "first", ...request } = step
    const answer = yield* facade.send({
      id: sessions.get(ofSession) ?? "",
      ...request,
      input,
      operation: does,
      apiKey: keys[by]
    })
    expect(answer, is, `step ${index + 1}, ${does}`)
    if (makes !== undefined) sessions.set(makes, String(answer.session?.["id"]))
  }
})

const expect = (answer: FacadeAnswer, expected: Expected, where: string) => {
  assert.strictEqual(answer.error, expected.error ?? null, `${where}: ${JSON.stringify(answer.issues).slice(0, 500)}`)
  if (expected.issues !== undefined) assert.sameDeepMembers([...answer.issues], [...expected.issues], where)
  if (expected.session !== undefined && expected.error === undefined)
    assert.deepInclude(answer.session, expected.session, where)
  if (expected.replayed !== undefined) assert.strictEqual(answer.replayed, expected.replayed, where)
  if (expected.alreadyRedacted !== undefined)
    assert.strictEqual(answer.alreadyRedacted, expected.alreadyRedacted, where)
}

/** A facade that is one for each request in turn: what one of them does, the other has to know. */
export const alternating = (...facades: ReadonlyArray<Facade>): Facade => {
  let turn = 0
  return {
    name: facades.map(({ name }) => name).join(" and "),
    send: (request) => Effect.suspend(() => (facades[turn++ % facades.length] as Facade).send(request))
  }
}

/**
 * Registers a test for every case that the facade can show; the table says which it cannot, and why.
 *
 * @example
 * facadeConformance("REST", layerTest, Effect.map(serve(), restFacade))
 */
export const facadeConformance = (
  name: string,
  layer: Layer.Layer<Services>,
  facade: Effect.Effect<Facade, never, Services | Scope.Scope>
): void => {
  describe(`the contract, over ${name}`, () => {
    for (const each of cases.filter(
      ({ except = {} }) => !Object.keys(except).some((facade) => name.includes(facade))
    )) {
      it.effect(`${each.rule}: ${each.name}`, () =>
        Effect.provide(
          Effect.flatMap(facade, (made) => run(made, each)),
          layer
        )
      )
    }
  })
}

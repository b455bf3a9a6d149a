/**
 * Simulation: a few processes, one store, many clients and bad weather, on one thread and in no time, from one seed.
 *
 * Every process has services of its own over the one store, and its way there refuses, stalls, loses calls and answers, and
 * delivers late. Processes die at any moment. Clients of two organizations change the same few sessions at once, retry, send
 * duplicates and use keys for something else; tokens run out, and in some seeds a day passes. Then the weather calms, every key
 * is asked once more, and the history is there to be checked.
 */
import { ApiKeyStore, layerMemory, Sessions } from "@holdfast/core"
import type {
  ChangeError,
  IdGenerator,
  Keyring,
  NotFound,
  Organization,
  OrganizationSlug,
  Outcome
} from "@holdfast/core"
import { Clock, Effect, Layer, References, Result } from "effect"
import { at, makeCaller, makeId } from "../Factories.ts"
import { finalState } from "../history/FinalState.ts"
import type { Call, History } from "../history/History.ts"
import { makeRecorder } from "../history/Recorder.ts"
import type { Recorder } from "../history/Recorder.ts"
import { layerKeyring } from "../Layers.ts"
import type { Stores } from "../Layers.ts"
import { makeChance } from "./Chance.ts"
import type { Chance } from "./Chance.ts"
import { startProcess } from "./Cluster.ts"
import type { Process, Server } from "./Cluster.ts"
import { layerSeededIds } from "./SeededIds.ts"
import { runTimeline } from "./Timeline.ts"
import type { Weather } from "./Weather.ts"
import { nextRequest } from "./Workload.ts"
import type { Knowledge, Request } from "./Workload.ts"

export type { Server } from "./Cluster.ts"

/** What is simulated. */
export interface SimulationOptions {
  /** Everything that is left to chance follows from it: one seed gives one history. */
  readonly seed: number
  /** The store; that in memory unless given. It must not leave the thread: no promise, no socket. */
  readonly stores?: Layer.Layer<Stores> | undefined
  /** What each process serves; `Sessions.layer` unless given. */
  readonly server?: Server | undefined
  /** How many requests each of the six clients has, retries and duplicates not counted; 18 unless given. */
  readonly requests?: number | undefined
}

const clients = 6
const processes = 3
const aDay = 24 * 60 * 60_000

/**
 * Runs a simulation to its end, before it returns. Throws if a request waits for what never comes.
 *
 * @example
 * const violations = check(simulate({ seed: 417, stores: OurStore.layer }))
 */
export const simulate = ({
  seed,
  stores = layerMemory,
  server = Sessions.layer,
  requests = 18
}: SimulationOptions): History => {
  const chance = makeChance(seed)
  return runTimeline(
    chance,
    simulation(chance, server, requests).pipe(
      Effect.provide(Layer.mergeAll(Layer.fresh(stores), layerKeyring, layerSeededIds(chance))),
      Effect.provideService(References.MinimumLogLevel, "None"),
      Effect.provideService(References.TracerEnabled, false)
    )
  )
}

const simulation = Effect.fnUntraced(function* (
  chance: Chance,
  server: Server,
  requests: number
): Effect.fn.Return<History, never, Stores | Keyring | IdGenerator> {
  const weather: Weather = { chance, calm: false }
  const recorder = yield* makeRecorder
  const lifetime = chance.oneOf([300, 2_000, 20 * 60_000])
  const start = Effect.provide(
    startProcess(server, weather, lifetime),
    yield* Effect.context<Stores | Keyring | IdGenerator>()
  )
  const running = yield* Effect.forEach(Array.from({ length: processes }), () => start)
  const knowledge = yield* Effect.forEach(["acme", "globex"], (slug) => newcomer(slug))
  const world: World = { chance, weather, recorder, running, start, knowledge }

  yield* Effect.forEach(Array.from({ length: clients }), () => client(world, requests), everyoneAtOnce)
  if (chance.happens(0.2)) yield* nextDay(world)

  weather.calm = true
  yield* Effect.sleep("15 seconds")
  for (const { keyed } of knowledge) {
    for (const request of new Map(keyed.toReversed().map((request) => [request.key, request])).values())
      yield* send(world, request)
  }
  const calls = yield* recorder.calls
  return { calls, final: yield* Effect.orDie(finalState(calls)) }
})

const everyoneAtOnce = { concurrency: "unbounded", discard: true } as const

/** What the clients share. */
interface World {
  readonly chance: Chance
  readonly weather: Weather
  readonly recorder: Recorder
  /** The processes; when one dies another takes its place. */
  readonly running: Array<Process>
  readonly start: Effect.Effect<Process>
  readonly knowledge: ReadonlyArray<Knowledge>
}

/** An organization of which nothing is known yet. Nobody else has the same environment. */
const newcomer = Effect.fnUntraced(function* (name: string): Effect.fn.Return<Knowledge, never, Stores> {
  const slug = name as OrganizationSlug
  const sandbox = makeId("env", name.length)
  const organization: Organization = { slug, sandbox, live: makeId("env", 100 + name.length), createdAt: at(0) }
  yield* Effect.orDie((yield* ApiKeyStore).ensureOrganization(organization))
  return { caller: makeCaller({ organization: slug, environment: sandbox }), sessions: new Map(), keyed: [] }
})

/** One client, which does one thing after the other, or a few at once; some of them again, a little later. */
const client = Effect.fnUntraced(function* (world: World, requests: number) {
  const { chance, knowledge } = world
  for (let left = requests; left > 0;) {
    const known = knowledge[chance.below(knowledge.length)]
    if (known === undefined) return
    yield* Effect.sleep(chance.happens(0.01) ? chance.below(15 * 60_000) : chance.below(5))
    yield* trouble(world)
    const atOnce = 1 + chance.below(3)
    left -= atOnce
    const sending = Array.from({ length: atOnce }, () => nextRequest(chance, known)).flatMap((request) => {
      const copies = request.key !== null && chance.happens(0.25) ? 2 + chance.below(2) : 1
      const once = insist(world, known, request)
      return Array.from({ length: copies }, () => Effect.delay(once, chance.oneOf([0, 0, chance.below(3_000)])))
    })
    yield* Effect.all(sending, everyoneAtOnce)
  }
})

/** Now and then something happens a little later, whoever waits for it: a sweep, or the death of a process. */
const trouble = Effect.fnUntraced(function* ({ chance, running, start }: World) {
  const place = chance.below(running.length)
  const luck = chance.next()
  if (luck > 0.12) return
  const later = Effect.gen(function* () {
    yield* Effect.sleep(chance.below(30))
    const process = running[place]
    if (process === undefined) return
    if (luck < 0.05) yield* process.sweep
    else {
      yield* process.kill
      running[place] = yield* start
    }
  })
  yield* Effect.forkDetach(later)
})

/** Sends a request, and sends it again when there is no answer, if it has a key. Some clients do not wait for long. */
const insist = Effect.fnUntraced(function* (world: World, known: Knowledge, request: Request) {
  const { chance } = world
  for (let tries = 0; tries < 4; tries++) {
    const patience = chance.happens(0.05) ? chance.below(50) : 20_000
    const answer = yield* Effect.timeoutOption(send(world, request), patience)
    if (answer._tag === "Some" && answer.value !== null) {
      if (Result.isSuccess(answer.value)) {
        const { session } = answer.value.success
        known.sessions.set(session.id, session)
        if (session.retentionStatus === "redacted" && chance.happens(0.7)) known.sessions.delete(session.id)
      }
      if (Result.isSuccess(answer.value) || answer.value.failure._tag !== "Unavailable") return
    }
    if (request.key === null) return
    yield* Effect.sleep(chance.below(200))
  }
})

/** Sends a request to any process; `null` when that has a bug. */
const send = (
  { chance, recorder, running }: World,
  { caller, id, input, key, operation }: Request
): Effect.Effect<Result.Result<Outcome, ChangeError | NotFound> | null> => {
  const process = running[chance.below(running.length)]
  if (process === undefined) return Effect.succeed(null)
  const sessions = recorder.recording(process.sessions)
  const call: Effect.Effect<Outcome, ChangeError | NotFound> =
    id === null
      ? sessions.create(caller, { input, idempotencyKey: key })
      : operation === "redact"
        ? sessions.redact(caller, { id, expectedRevision: input.expectedRevision, idempotencyKey: key })
        : sessions.update(caller, { id, input, idempotencyKey: key })
  return Effect.catchDefect(Effect.result(call), () => Effect.succeed(null))
}

/** The same requests a day later, some at the very moment in which their keys become free, and new ones among them. */
const nextDay = Effect.fnUntraced(function* (world: World) {
  const { chance, knowledge, recorder } = world
  const calls = (yield* recorder.calls).filter(({ answer, key }) => key !== null && answer.type === "ok")
  const now = yield* Clock.currentTimeMillis
  const repeat = Effect.fnUntraced(function* (call: Call | undefined) {
    const known = knowledge.find(({ caller }) => caller.organization === call?.organization)
    const request = known?.keyed.find(({ key }) => key === call?.key)
    if (call === undefined || known === undefined || request === undefined) return
    yield* Effect.sleep(Math.max(0, Math.floor(call.sent) + aDay - now - 3 + chance.below(30)))
    yield* Effect.all([insist(world, known, request), insist(world, known, request)], everyoneAtOnce)
    yield* trouble(world)
  })
  yield* Effect.forEach(
    Array.from({ length: 8 }, () => calls[chance.below(calls.length)]),
    repeat,
    everyoneAtOnce
  )
  yield* client(world, 5)
})

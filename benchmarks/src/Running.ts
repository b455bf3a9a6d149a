/** A contender that runs: its server if it has one, and the driver that asks it for the job. */
import { once } from "node:events"
import { connect, createServer } from "node:net"
import type { AddressInfo } from "node:net"
import type { Contender } from "./Contender.ts"
import type { Place } from "./load/Client.ts"
import { httpClient } from "./load/HttpClient.ts"
import type { Answer, Measure, Orders } from "./load/Driver.ts"
import type { Sample } from "./load/Loops.ts"
import { loadCore, measuredCore, start, usageOf } from "./Process.ts"
import type { Started, Usage } from "./Process.ts"

/** What was measured, on both sides. */
export interface Measured extends Sample {
  /** Seconds of a processor that the contender took. The database's own processes are not in it. */
  readonly cpu: number
  /** The most memory that the contender had in use since it began, in bytes. */
  readonly peak: number
  /** Which share of a processor the load took: near 1, it is the load that was measured. `NaN` where both are one process. */
  readonly loadShare: number
}

/** A contender that runs. */
export interface Running {
  readonly contender: Contender
  readonly place: Place
  readonly measure: (what: Measure) => Promise<Measured>
  /** Asks for one update, under the key of another where one is given, and reads the answer in full. */
  readonly once: (number: number, keyNumber?: number) => Promise<Orders["once"]["answer"]>
  readonly usage: () => Usage
  /** Lets what is measured run, or holds it while it is not its turn. */
  readonly run: (running: boolean) => void
  readonly stop: () => Promise<void>
  /** Ends what is measured without any warning. */
  readonly kill: () => Promise<void>
}

/** Starts a contender on a database, and waits until it can be asked. */
export const startContender = async (
  contender: Contender,
  given: Omit<Place, "contender" | "port">
): Promise<Running> => {
  const port = contender.serves === null ? 0 : await freePort()
  const place: Place = { ...given, contender: contender.name, port }
  const measured = start({ program: contender.program, core: measuredCore, env: environmentOf(place) })
  const driver = contender.serves === null ? measured : start({ program: ["src/load/HttpDriver.ts"], core: loadCore })
  const stop = async () => {
    await driver.stop()
    await measured.stop()
  }
  const usage = () => usageOf(contender.needs === undefined ? measured.pid : 0)
  try {
    if (port !== 0) await listening(measured, port)
    await order(driver, "open", place)
  } catch (cause) {
    await stop()
    throw new Error(`${contender.name} did not start: ${measured.complaints()}${driver.complaints()}`, { cause })
  }

  return {
    contender,
    place,
    measure: async (what) => {
      const before = usage()
      const loadBefore = usageOf(driver.pid).cpu
      const sample = await order(driver, "measure", what).catch((cause: unknown) => {
        throw new Error(`${contender.name} could not be measured. ${measured.complaints()}`, { cause })
      })
      const { cpu, peak } = usage()
      if (sample.errors > 0) {
        const [problem] = sample.problems
        throw new Error(`${contender.name}: ${sample.errors} of ${sample.count} answers were wrong: ${problem}`)
      }
      const load = driver === measured ? Number.NaN : usageOf(driver.pid).cpu - loadBefore
      return { ...sample, cpu: cpu - before.cpu, peak, loadShare: load / sample.seconds }
    },
    once: (number, keyNumber = number) => order(driver, "once", { number, keyNumber }),
    usage,
    run: measured.run,
    stop,
    kill: async () => {
      const gone = once(measured.child, "exit")
      measured.child.kill("SIGKILL")
      await gone
      await driver.stop()
    }
  }
}

/** Seconds from the start of a contender's process to its answer to an update; the process is ended then. */
export const timeToFirstAnswer = async (contender: Contender, given: Place, number: number): Promise<number> => {
  if (contender.serves === null) throw new Error(`${contender.name} is no server`)
  const place = { ...given, port: await freePort() }
  const begun = performance.now()
  const server = start({ program: contender.program, core: measuredCore, env: environmentOf(place) })
  try {
    await listening(server, place.port)
    const client = httpClient(contender.serves, place)
    await client.prepare(1)
    const outcome = await client.once(number, number)
    const seconds = (performance.now() - begun) / 1_000
    await client.close()
    if (!outcome.applied) throw new Error(`The first answer was a refusal: ${outcome.code}`)
    return seconds
  } finally {
    await server.stop()
  }
}

const environmentOf = ({ databaseUrl, port, secret }: Place) => ({
  PORT: String(port),
  DATABASE_URL: databaseUrl,
  HOLDFAST_PEPPER: secret
})

/** Gives a driver an order, and waits for the answer. */
const order = async <Name extends keyof Orders>(
  { child, complaints }: Started,
  name: Name,
  given: Orders[Name]["given"]
): Promise<Orders[Name]["answer"]> => {
  const over = new AbortController()
  const ended = once(child, "exit", { signal: over.signal }).then(() => {
    throw new Error(`The process ended. ${complaints()}`)
  })
  ended.catch(() => {})
  const answered = once(child, "message", { signal: over.signal })
  answered.catch(() => {})
  try {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The process has ended. ${complaints()}`)
    child.send({ name, given })
    const [answer] = (await Promise.race([answered, ended])) as [Answer]
    if ("error" in answer) throw new Error(answer.error)
    return answer.result as Orders[Name]["answer"]
  } finally {
    over.abort()
  }
}

/** A port that is free now, below those that outgoing connections take. */
const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const probe = createServer().listen(port, "127.0.0.1")
    const found = await once(probe, "listening").then(
      () => (probe.address() as AddressInfo).port,
      () => null
    )
    if (found === null) continue
    probe.close()
    await once(probe, "close")
    return found
  }
}

/** Waits until something listens on the port. */
const listening = async ({ child, complaints }: Started, port: number): Promise<void> => {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`It ended. ${complaints()}`)
    const socket = connect({ port, host: "127.0.0.1" })
    const heard = await once(socket, "connect").then(
      () => true,
      () => false
    )
    socket.destroy()
    if (heard) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error("It does not listen")
}

/**
 * The client over HTTP: keep-alive connections on bare sockets, each with one request under way. Every answer is looked at:
 * its status, the mark of a fresh outcome or a replay, and the update's number in its metadata; one in a thousand is read
 * in full and compared with what was sent.
 */
import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"
import { updateOf } from "../Job.ts"
import type { Wire } from "../wires/Wire.ts"
import type { Client, Outcome, Place } from "./Client.ts"
import { readResponse } from "./Response.ts"
import type { Response } from "./Response.ts"
import { makeTemplate } from "./Template.ts"
import { verify } from "./Verify.ts"

const sampleEvery = 1_000

/** Connects to a contender's server. */
export const httpClient = (wire: Wire, place: Place): Client => {
  const template = makeTemplate(wire, place)
  const waiting: Array<(connection: Connection) => void> = []
  let idle: Array<Connection> = []
  let all: Array<Connection> = []

  const open = async () => {
    const connection = new Connection(template.make(), place.port, () => {
      const next = waiting.shift()
      if (next === undefined) idle.push(connection)
      else next(connection)
    })
    await connection.opened
    return connection
  }

  const close = () => {
    for (const connection of all) connection.close()
  }

  const whenIdle = (work: (connection: Connection) => void) => {
    const connection = idle.pop()
    if (connection === undefined) waiting.push(work)
    else work(connection)
  }

  const marks = { fresh: Buffer.from(wire.freshMark), replay: Buffer.from(wire.replayMark) }
  const wrong = (response: Response, number: number, replayed: boolean): string | null => {
    const { bytes, status } = response
    if (status !== 200) return `status ${status}: ${describe(response)}`
    if (!bytes.includes(replayed ? marks.replay : marks.fresh)) return `not as expected: ${describe(response)}`
    if (!bytes.includes(`"gold-${number}"`)) return `another outcome: ${describe(response)}`
    if (number % sampleEvery !== 0) return null
    return verify(wire.read(response.read()), updateOf(number, place.run, place.dataset), replayed, place.dataset)
  }

  return {
    // Between two measurements a server closes what is idle: each begins with connections of its own.
    prepare: async (concurrency) => {
      close()
      all = await Promise.all(Array.from({ length: concurrency }, open))
      idle = [...all]
    },
    send: (number, replayed, done) =>
      whenIdle((connection) => {
        template.fill(connection.bytes, number)
        connection.send((response) =>
          done(response === null ? "the connection was cut" : wrong(response, number, replayed))
        )
      }),
    once: (number, keyNumber) =>
      new Promise<Outcome>((resolve, reject) => {
        whenIdle((connection) => {
          template.fill(connection.bytes, number, keyNumber)
          connection.send((response) => {
            try {
              if (response === null) throw new Error("The connection was cut")
              resolve(wire.read(response.read()))
            } catch (cause) {
              reject(new Error(response === null ? "No answer" : describe(response), { cause }))
            }
          })
        })
      }),
    close: async () => close()
  }
}

const describe = ({ bytes }: Response): string => bytes.toString("latin1", 0, 1_500)

class Connection {
  readonly bytes: Buffer
  readonly opened: Promise<unknown>
  readonly #socket: Socket
  readonly #idle: () => void
  #received: Buffer | null = null
  #done: ((response: Response | null) => void) | null = null
  #cut = false

  constructor(bytes: Buffer, port: number, idle: () => void) {
    this.bytes = bytes
    this.#idle = idle
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true })
    this.opened = once(this.#socket, "connect")
    this.#socket.on("data", (chunk) => this.#receive(chunk))
    // What went wrong is told by `close`.
    this.#socket.on("error", () => {})
    this.#socket.on("close", () => {
      this.#cut = true
      this.#finish(null)
    })
  }

  /** Sends the bytes; `null` when there is no answer to be had. */
  send(done: (response: Response | null) => void): void {
    this.#done = done
    if (this.#cut) setImmediate(() => this.#finish(null))
    else this.#socket.write(this.bytes)
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received === null ? chunk : Buffer.concat([this.#received, chunk])
    const response = readResponse(this.#received)
    if (response === null) return
    this.#received = null
    this.#finish(response)
  }

  #finish(response: Response | null): void {
    const done = this.#done
    this.#done = null
    if (done === null) return
    this.#idle()
    done(response)
  }
}

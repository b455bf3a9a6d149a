import { describe, expect, it } from "vitest"
import { defaultDataset, firstNumber, sessionId, updateOf } from "../src/Job.ts"
import { readResponse } from "../src/load/Response.ts"
import { makeTemplate } from "../src/load/Template.ts"
import { verify } from "../src/load/Verify.ts"
import { graphql } from "../src/wires/Graphql.ts"
import { rest } from "../src/wires/Rest.ts"

const place = {
  contender: "",
  run: "0badcafe",
  dataset: { ...defaultDataset, sessions: 10, organizations: 2 },
  databaseUrl: "",
  port: 4000,
  secret: "",
  apiKeys: ["key-of-first", "key-of-other"]
}

describe("the job", () => {
  it("spreads consecutive updates over all sessions", () => {
    const updates = Array.from({ length: 10 }, (_, at) => updateOf(firstNumber + at, "run", place.dataset))
    expect(new Set(updates.map(({ session }) => session)).size).toBe(10)
    expect(new Set(updates.map(({ key }) => key)).size).toBe(10)
  })
  it("names sessions in a form that Holdfast takes, sorted by their place", () => {
    const ids = [0, 1, 2, 999_999].map(sessionId)
    for (const id of ids) expect(id).toMatch(/^ses_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
    expect(ids.toSorted()).toEqual(ids)
  })
})

describe("a request", () => {
  const sent = (wire: typeof graphql, number: number, keyNumber?: number) => {
    const template = makeTemplate(wire, place)
    const bytes = template.make()
    // What another update left is written over.
    template.fill(bytes, 987_654_321_098)
    template.fill(bytes, number, keyNumber)
    const [head = "", body = ""] = bytes.toString().split("\r\n\r\n")
    return { head, body: JSON.parse(body) as unknown, length: Buffer.byteLength(body) }
  }

  it("over GraphQL says what the update of its number says", () => {
    const update = updateOf(123_456_789_012, place.run, place.dataset)
    const { body, head, length } = sent(graphql, update.number)
    expect(body).toMatchObject({ variables: { id: update.session, input: { metadata: update.patch } } })
    expect(head).toContain(`idempotency-key: ${update.key}`)
    expect(head).toContain(`x-api-key: ${place.apiKeys[update.organization]}`)
    expect(head).toContain(`content-length: ${length}`)
  })
  it("over REST names the session in its path", () => {
    const update = updateOf(123_456_789_013, place.run, place.dataset)
    expect(sent(rest, update.number).head).toMatch(new RegExp(`^PATCH /sessions/${update.session} HTTP/1.1`))
  })
  it("can be sent under the key of another", () => {
    const { body, head } = sent(graphql, 123_456_789_012, 123_456_789_013)
    expect(head).toContain(`idempotency-key: ${place.run}-123456789013`)
    expect(JSON.stringify(body)).not.toContain("123456789013")
  })
})

describe("a response", () => {
  const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"tier":"né"}'
  const chunked = 'HTTP/1.1 422 No\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"tier"\r\n7\r\n:"né"}\r\n0\r\n\r\n'

  it("is complete when all its bytes are there", () => {
    const bytes = Buffer.from(whole)
    for (let at = 0; at < bytes.length; at++) expect(readResponse(bytes.subarray(0, at))).toBeNull()
    expect(readResponse(bytes)?.status).toBe(200)
    expect(readResponse(bytes)?.read().body).toEqual({ tier: "né" })
  })
  it("may come in chunks", () => {
    const bytes = Buffer.from(chunked)
    for (let at = 0; at < bytes.length; at++) expect(readResponse(bytes.subarray(0, at))).toBeNull()
    expect(readResponse(bytes)?.status).toBe(422)
    expect(readResponse(bytes)?.read().body).toEqual({ tier: "né" })
  })
})

describe("an outcome", () => {
  const update = updateOf(firstNumber, place.run, place.dataset)
  const good = {
    applied: true,
    session: update.session,
    revision: 2,
    replayed: false,
    metadata: {
      field_4: "value of field 4",
      ...Object.fromEntries([5, 6, 7, 8, 9, 10].map((at) => [`field_${at}`, `value of field ${at}`])),
      ...update.patch
    }
  } as const

  it("is right when the patch was merged into what was there", () => {
    expect(verify(good, update, false, place.dataset)).toBeNull()
  })
  it("is wrong in every other way", () => {
    const wrong = [
      { ...good, session: sessionId(99) },
      { ...good, replayed: true },
      { ...good, revision: 1 },
      { ...good, metadata: update.patch },
      { ...good, metadata: { ...good.metadata, tier: "gold-1" } },
      { applied: false, code: "not_found" } as const
    ]
    for (const outcome of wrong) expect(verify(outcome, update, false, place.dataset)).not.toBeNull()
  })
})

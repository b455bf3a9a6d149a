/** Mercurius with its just-in-time compiler, on Fastify, with resolvers by hand on `pg`. */
import Fastify from "fastify"
import mercurius from "mercurius"
import { randomUUID } from "node:crypto"
import { openPostgres } from "../src/byHand/Postgres.ts"
import { typeDefs, updateSession } from "../src/byHand/Schema.ts"
import type { Context, UpdateResult } from "../src/byHand/Schema.ts"
import { setting } from "../src/Setting.ts"

declare module "mercurius" {
  interface MercuriusContext extends Context {}
}

const { databaseUrl, port } = setting()
const sessions = openPostgres(databaseUrl)
const app = Fastify()
const unauthorized = () => new mercurius.ErrorWithProps("The API key is not good", { code: "UNAUTHORIZED" }, 401)

const header = (value: string | Array<string> | undefined) => (typeof value === "string" ? value : undefined)

await app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    Query: { ready: () => true },
    Mutation: {
      updateSession: updateSession(sessions, unauthorized)
    },
    UpdateSessionResult: { resolveType: ({ __typename }: UpdateResult) => __typename }
  },
  context: async ({ headers }) =>
    ({
      tenant: await sessions.authenticate(header(headers["x-api-key"])),
      key: header(headers["idempotency-key"]) ?? randomUUID(),
      requestId: header(headers["x-request-id"]) ?? randomUUID()
    }) satisfies Context,
  jit: 1
})

await app.listen({ port, host: "127.0.0.1" })

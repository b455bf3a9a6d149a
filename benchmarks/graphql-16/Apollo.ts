/** Apollo Server 5, standalone, with resolvers by hand on `pg`. */
import { ApolloServer } from "@apollo/server"
import { startStandaloneServer } from "@apollo/server/standalone"
import { GraphQLError } from "graphql"
import { randomUUID } from "node:crypto"
import { openPostgres } from "../src/byHand/Postgres.ts"
import { typeDefs, updateSession } from "../src/byHand/Schema.ts"
import type { Context } from "../src/byHand/Schema.ts"
import { setting } from "../src/Setting.ts"

const { databaseUrl, port } = setting()
const sessions = openPostgres(databaseUrl)
const unauthorized = () =>
  new GraphQLError("The API key is not good", { extensions: { code: "UNAUTHORIZED", http: { status: 401 } } })

const header = (value: string | Array<string> | undefined) => (typeof value === "string" ? value : undefined)

const server = new ApolloServer<Context>({
  typeDefs,
  resolvers: { Query: { ready: () => true }, Mutation: { updateSession: updateSession(sessions, unauthorized) } }
})

await startStandaloneServer(server, {
  listen: { port, host: "127.0.0.1" },
  context: async ({ req: { headers } }) => ({
    tenant: await sessions.authenticate(header(headers["x-api-key"])),
    key: header(headers["idempotency-key"]) ?? randomUUID(),
    requestId: header(headers["x-request-id"]) ?? randomUUID()
  })
})

/** Yoga over hand-written sessions: `createYoga` as documented, without the body limit that halves its throughput. */
import { GraphQLError } from "graphql"
import { createSchema, createYoga } from "graphql-yoga"
import { randomUUID } from "node:crypto"
import { createServer } from "node:http"
import { setting } from "../Setting.ts"
import { typeDefs, updateSession } from "./Schema.ts"
import type { Context } from "./Schema.ts"
import type { Sessions } from "./Sessions.ts"

/** Serves GraphQL over the sessions. */
export const serveYoga = (sessions: Sessions): void => {
  const unauthorized = () =>
    new GraphQLError("The API key is not good", { extensions: { code: "UNAUTHORIZED", http: { status: 401 } } })
  const yoga = createYoga({
    schema: createSchema<Context>({
      typeDefs,
      resolvers: { Query: { ready: () => true }, Mutation: { updateSession: updateSession(sessions, unauthorized) } }
    }),
    context: async ({ request: { headers } }): Promise<Context> => ({
      tenant: await sessions.authenticate(headers.get("x-api-key") ?? undefined),
      key: headers.get("idempotency-key") ?? randomUUID(),
      requestId: headers.get("x-request-id") ?? randomUUID()
    }),
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    maxRequestBodySize: false
  })
  createServer((request, response) => void yoga(request, response)).listen(setting().port, "127.0.0.1")
}

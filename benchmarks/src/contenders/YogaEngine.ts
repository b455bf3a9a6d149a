/** A reference: Yoga's engine without its HTTP adapter, over a resolver that stores nothing. */
import { createYoga } from "graphql-yoga"
import { createServer } from "node:http"
import type { IncomingMessage, ServerResponse } from "node:http"
import { schemaOverNothing } from "../byHand/Nothing.ts"
import { setting } from "../Setting.ts"

const yoga = createYoga({ schema: schemaOverNothing() })

const bodyOf = async (request: IncomingMessage) => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables: Record<string, unknown> }
}

const answer = async (request: IncomingMessage, response: ServerResponse) => {
  const { query, variables } = await bodyOf(request)
  const { contextFactory, execute, parse, schema, validate } = yoga.getEnveloped({ request })
  const document = parse(query)
  const errors = validate(schema, document)
  const result =
    errors.length > 0
      ? { errors }
      : await execute({ schema, document, contextValue: await contextFactory(), variableValues: variables })
  const bytes = Buffer.from(JSON.stringify(result))
  response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length }).end(bytes)
}

createServer((request, response) => void answer(request, response)).listen(setting().port, "127.0.0.1")

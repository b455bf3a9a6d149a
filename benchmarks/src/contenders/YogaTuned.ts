/** A reference: Yoga without what costs it most, over a resolver that stores nothing. */
import { createYoga } from "graphql-yoga"
import { createServer } from "node:http"
import { schemaOverNothing } from "../byHand/Nothing.ts"
import { setting } from "../Setting.ts"

const yoga = createYoga({ schema: schemaOverNothing(), cors: false, multipart: false, maxRequestBodySize: false })
createServer((request, response) => void yoga(request, response)).listen(setting().port, "127.0.0.1")

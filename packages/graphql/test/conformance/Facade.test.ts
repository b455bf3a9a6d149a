/** The contract over GraphQL, and over GraphQL and REST in turn: what was done over one of them, the other has to know. */
import { alternating, facadeConformance, graphqlFacade, restFacade } from "@holdfast/testing"
import { makeHandler } from "@holdfast/rest"
import { Context, Effect, Layer } from "effect"
import { Server } from "../../src/server/Server.ts"
import { layerTest } from "../Stores.ts"

/** The server as the product mounts it; its URL. */
const serve = Layer.build(Server.layer({ host: "127.0.0.1", port: 0, elsewhere: makeHandler() })).pipe(
  Effect.map((context) => Context.get(context, Server).url),
  Effect.orDie
)

const graphqlAt = (url: string) => graphqlFacade(`${url}/graphql`)

facadeConformance("GraphQL", layerTest, Effect.map(serve, graphqlAt))

facadeConformance(
  "GraphQL and REST in turn",
  layerTest,
  Effect.map(serve, (url) => alternating(graphqlAt(url), restFacade(url)))
)

facadeConformance(
  "REST and GraphQL in turn",
  layerTest,
  Effect.map(serve, (url) => alternating(restFacade(url), graphqlAt(url)))
)

/** What stores nothing: the resolver of the references, and the Yoga options that they differ in. */
import { createSchema } from "graphql-yoga"
import { initialMetadata } from "../Job.ts"
import { typeDefs } from "./Schema.ts"
import type { UpdateArguments } from "./Schema.ts"

const metadata = initialMetadata(10)
const created = "2026-01-01T00:00:00.000Z"

/** The answer to an update that nobody keeps: the size of an answer of those that do. */
export const answerTo = ({ id, input }: UpdateArguments) => ({
  __typename: "UpdateSessionSuccess" as const,
  replayed: false,
  session: {
    id,
    status: "pending",
    externalRef: null,
    metadata: { ...metadata, ...input.metadata },
    revision: 2,
    createdAt: created,
    updatedAt: created
  }
})

/** The schema over it. */
export const schemaOverNothing = () =>
  createSchema({
    typeDefs,
    resolvers: {
      Query: { ready: () => true },
      Mutation: { updateSession: (_: unknown, given: UpdateArguments) => answerTo(given) }
    }
  })

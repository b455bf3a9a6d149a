/** The job over GraphQL, in the schema of Holdfast. */
import type { Wire } from "./Wire.ts"

const query = `mutation Update($id: ID!, $input: UpdateSessionInput!) {
  updateSession(id: $id, input: $input) {
    __typename
    ... on UpdateSessionSuccess { replayed session { id revision metadata } }
    ... on NotFoundError { code message }
    ... on UnprocessableError { code message }
    ... on ConflictError { code message }
  }
}`

interface Answer {
  readonly data: {
    readonly updateSession:
      | {
          readonly __typename: "UpdateSessionSuccess"
          readonly replayed: boolean
          readonly session: {
            readonly id: string
            readonly revision: number
            readonly metadata: Record<string, unknown>
          }
        }
      | { readonly __typename: "NotFoundError" | "UnprocessableError" | "ConflictError"; readonly code: string }
  }
}

export const graphql: Wire = {
  method: "POST",
  path: () => "/graphql",
  headers: { accept: "application/json" },
  body: ({ patch, session }) => ({ query, variables: { id: session, input: { metadata: patch } } }),
  freshMark: '"replayed":false',
  replayMark: '"replayed":true',
  read: ({ body }) => {
    const result = (body as Answer).data.updateSession
    if (result.__typename !== "UpdateSessionSuccess") return { applied: false, code: result.code.toLowerCase() }
    const { id, metadata, revision } = result.session
    return { applied: true, session: id, revision, metadata, replayed: result.replayed }
  }
}

/** The job over the schema that PostGraphile makes of a function in the database. */
import type { Wire } from "./Wire.ts"

const query = `mutation Update($id: String!, $metadata: JSON!) {
  updateSession(input: { id: $id, metadata: $metadata }) {
    result { session revision metadata replayed refused }
  }
}`

interface Answer {
  readonly data: {
    readonly updateSession: {
      readonly result: {
        readonly session: string
        readonly revision: number
        readonly metadata: Record<string, unknown>
        readonly replayed: boolean
        readonly refused: string | null
      }
    }
  }
}

export const postgraphile: Wire = {
  method: "POST",
  path: () => "/graphql",
  headers: { accept: "application/json" },
  body: ({ patch, session }) => ({ query, variables: { id: session, metadata: patch } }),
  freshMark: '"replayed":false',
  replayMark: '"replayed":true',
  read: ({ body }) => {
    const { metadata, refused, replayed, revision, session } = (body as Answer).data.updateSession.result
    if (refused !== null) return { applied: false, code: refused }
    return { applied: true, session, revision, metadata, replayed }
  }
}

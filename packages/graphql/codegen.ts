/**
 * Types out of the SDL: those of the resolvers, and those of the documents that the tests send, made as a client would make
 * them. Both are written by `pnpm codegen`, which everything that needs them runs first, and neither is committed.
 */
import type { CodegenConfig } from "@graphql-codegen/cli"
import { enumValues } from "./src/Enums.ts"
import { loadTypeDefs } from "./src/TypeDefs.ts"

const config: CodegenConfig = {
  schema: "schema/*.graphql",
  importExtension: ".ts",
  config: { useTypeImports: true, enumsAsTypes: true, immutableTypes: true, strictScalars: true },
  generates: {
    "src/generated/resolvers.ts": {
      plugins: ["typescript", "typescript-resolvers"],
      config: {
        contextType: "../Context.ts#GraphQLContext",
        mappers: { Session: "@holdfast/core#Session as StoredSession" },
        enumValues: enumValues(loadTypeDefs()),
        scalars: { ID: "string", DateTime: "effect#DateTime.Utc", JSONObject: "unknown" },
        resolversNonOptionalTypename: { unionMember: true }
      }
    },
    "test/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      documents: ["operations/*.graphql", "test/client/*.graphql"],
      config: { documentMode: "string", scalars: { DateTime: "string", JSONObject: "Record<string, unknown>" } }
    }
  }
}

export default config

/** For tests: the server that `globalSetup.ts` has started for them. */
import { inject } from "vitest"

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string
  }
}

/** Its URL, of a user who may create databases. */
export const serverUrl = (): string => inject("postgresUrl")

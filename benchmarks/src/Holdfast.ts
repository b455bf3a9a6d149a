/** Holdfast as an embedder builds it: the services over the database of a URL. */
import { ApiKeys, IdGenerator, Keyring, Sessions } from "@holdfast/core"
import { layerPostgres } from "@holdfast/core/postgres"
import { layerSqlite } from "@holdfast/core/sqlite"
import { Layer, Redacted } from "effect"
import { sqlitePath } from "./Setting.ts"

const stores = (url: string) =>
  url.startsWith("sqlite:") ? layerSqlite({ filename: sqlitePath(url) }) : layerPostgres({ url: Redacted.make(url) })

/** The services. Each call opens the database anew. */
export const layerHoldfast = ({ databaseUrl, secret }: { readonly databaseUrl: string; readonly secret: string }) =>
  Layer.mergeAll(Sessions.layer, ApiKeys.layer).pipe(
    Layer.provide([stores(databaseUrl), Keyring.layer({ secret: Redacted.make(secret) }), IdGenerator.layer])
  )

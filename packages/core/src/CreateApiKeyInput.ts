/** What a new API key is given, and the rules on it. */
import { Result, Schema } from "effect"
import { apiVersions } from "./ApiVersions.ts"
import { AddressRange } from "./domain/AllowList.ts"
import { KeyInflection } from "./domain/ApiKey.ts"
import { Scope } from "./domain/Scope.ts"
import { text } from "./domain/Session.ts"
import { EnvironmentKind, OrganizationSlug } from "./domain/Tenant.ts"
import { rule } from "./domain/Violation.ts"

const oneOf = (values: ReadonlyArray<string>) => `must be one of ${values.join(", ")}`

const version = Schema.String.check(
  rule("unknown_value", oneOf(apiVersions.all.map(({ date }) => date)), (date: string) =>
    Result.isSuccess(apiVersions.resolve(date))
  )
)

/** What a new key is given. Everything has a default but the organization and the environment. */
export const CreateApiKeyInput = Schema.Struct({
  organization: OrganizationSlug.annotate({ message: "must be 1 to 63 of a-z, 0-9 and -" }),
  environment: EnvironmentKind.annotate({ message: oneOf(EnvironmentKind.literals), code: "unknown_value" }),
  /** What the key is for: at most 255 code points; empty by default. */
  label: Schema.optional(text(255)),
  /** What its callers may do: sessions read, create and write by default. */
  scopes: Schema.optional(
    Schema.Array(Scope.annotate({ message: oneOf(Scope.literals), code: "unknown_value" })).check(
      rule("unknown_value", "must name at least one scope", (scopes: ReadonlyArray<Scope>) => scopes.length > 0)
    )
  ),
  /** The API version its callers get unless they ask for another; the current one by default. */
  version: Schema.optional(version),
  /** How answers are written unless the caller asks otherwise. */
  inflection: Schema.optional(
    KeyInflection.annotate({ message: oneOf(KeyInflection.literals), code: "unknown_value" })
  ),
  /** Addresses and networks it may be used from; empty, the default, means any. */
  allowList: Schema.optional(Schema.Array(AddressRange)),
  /** When it ends; never by default. */
  expiresAt: Schema.optional(Schema.DateTimeUtc)
})
/** What a new key is given. */
export type CreateApiKeyInput = typeof CreateApiKeyInput.Encoded

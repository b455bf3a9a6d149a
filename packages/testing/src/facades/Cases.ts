/** The rules of the contract's sections 4 to 8, and what they rest on, as one table: plain data that `FacadeConformance.ts` runs. */
import type { Case } from "./cases/Case.ts"
import { creation, headers, tenancy } from "./cases/Creation.ts"
import { limits } from "./cases/Limits.ts"
import { precedence, redaction } from "./cases/Order.ts"
import { idempotency } from "./cases/Retries.ts"
import { concurrency, merge, nothing, reference } from "./cases/Update.ts"

/** Every case. */
export const cases: ReadonlyArray<Case> = [
  ...merge,
  ...reference,
  ...nothing,
  ...limits,
  ...creation,
  ...concurrency,
  ...precedence,
  ...tenancy,
  ...idempotency,
  ...redaction,
  ...headers
]

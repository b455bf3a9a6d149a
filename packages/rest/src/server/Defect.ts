/** Bugs, as clients see them: that there was one, and nothing else. `logDefect` of the library says more, in the log. */
import { ProtocolError } from "./ErrorMapping.ts"

/** What a client is told of a bug. */
export const internalError = new ProtocolError({
  status: 500,
  code: "internal_server_error",
  message: "Something went wrong on our side"
})

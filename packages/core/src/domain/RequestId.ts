/** Identifiers of requests: `req_…` if made here, or whatever a client chose within bounds, so that it finds its own in our log. */

/** Whether a client may choose this: 1 to 128 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`. */
export const isRequestId = (text: string): boolean => /^[A-Za-z0-9._-]{1,128}$/.test(text)

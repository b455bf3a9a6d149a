/** Servers that break a promise each, all by one mistake that was made somewhere before; and by which promises it is found. */
import type { Invariant, Server } from "@holdfast/testing"
import { cacheOnly } from "./CacheOnly.ts"
import { currentReplay } from "./CurrentReplay.ts"
import { deepMerge } from "./DeepMerge.ts"
import { earlyAnswer } from "./EarlyAnswer.ts"
import { eventOutside } from "./EventOutside.ts"
import { lastWriteWins } from "./LastWriteWins.ts"
import { noFingerprint } from "./NoFingerprint.ts"
import { readThenInsert } from "./ReadThenInsert.ts"
import { redactionAlone } from "./RedactionAlone.ts"
import { separateClaim } from "./SeparateClaim.ts"
import { sharedKeys } from "./SharedKeys.ts"
import { slippedOutcome } from "./SlippedOutcome.ts"

/** A mistake, a server that makes it, and promises that are seen broken. */
export interface BrokenServer {
  readonly mistake: string
  readonly server: Server
  readonly breaks: ReadonlyArray<Invariant>
}

export const brokenServers: ReadonlyArray<BrokenServer> = [
  { mistake: "the key is claimed in a separate transaction", server: separateClaim, breaks: ["I1", "I5"] },
  { mistake: "the key is read and then inserted", server: readThenInsert, breaks: ["I1", "I5"] },
  { mistake: "outcomes are kept in a process's memory only", server: cacheOnly, breaks: ["I1", "I5"] },
  { mistake: "the organization is missing from the key", server: sharedKeys, breaks: ["I10"] },
  { mistake: "the fingerprint is ignored", server: noFingerprint, breaks: ["I4"] },
  { mistake: "the event is written outside the transaction", server: eventOutside, breaks: ["I9"] },
  { mistake: "the answer comes before the change is durable", server: earlyAnswer, breaks: ["I2"] },
  { mistake: "a replay shows the session as it is now", server: currentReplay, breaks: ["I4"] },
  { mistake: "an outcome slips behind a redaction", server: slippedOutcome, breaks: ["I11"] },
  { mistake: "a redaction leaves outcomes behind", server: redactionAlone, breaks: ["I11"] },
  { mistake: "the last write wins", server: lastWriteWins, breaks: ["I7"] },
  { mistake: "metadata is merged recursively", server: deepMerge, breaks: ["I7"] }
]

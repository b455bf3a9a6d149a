/** Whether an outcome is the one that an update has to have. */
import { isDeepStrictEqual } from "node:util"
import { initialMetadata } from "../Job.ts"
import type { Dataset, Update } from "../Job.ts"
import type { Outcome } from "./Client.ts"

/** What is wrong with an outcome that was read in full, `null` if nothing is. */
export const verify = (outcome: Outcome, update: Update, replayed: boolean, dataset: Dataset): string | null => {
  if (!outcome.applied) return `refused: ${outcome.code}`
  if (outcome.session !== update.session) return "of another session"
  if (outcome.replayed !== replayed) return replayed ? "not replayed" : "replayed"
  if (!(outcome.revision > 1)) return "without a new revision"
  const expected = { ...initialMetadata(dataset.metadataKeys), ...update.patch }
  return isDeepStrictEqual({ ...outcome.metadata }, expected) ? null : "with other metadata"
}

/**
 * The status machine of contract §3: the statuses, and which operation may move a session from which to which.
 */
import { Schema } from "effect"

/** Where a session stands. */
export const SessionStatus = Schema.Literals([
  "pending",
  "capturing",
  "processing",
  "awaiting_external",
  "under_review",
  "sandbox_pending",
  "completed",
  "expired",
  "failed"
])
/** Where a session stands. */
export type SessionStatus = typeof SessionStatus.Type

/** Statuses from which nothing leads on by itself. All others are active. */
export const terminal: ReadonlySet<SessionStatus> = new Set(["completed", "expired", "failed"])

/** Statuses in which the person can still be asked for documents: there is a capture URL, and it can run out. */
export const capturable: ReadonlySet<SessionStatus> = new Set(["pending", "capturing"])

/** What can move a session to another status. */
export type Transition =
  | "start_capture"
  | "submit"
  | "submit_sandbox"
  | "complete"
  | "require_review"
  | "await_external"
  | "fail"
  | "continue_external"
  | "reject_external"
  | "fail_external"
  | "decide_review"
  | "reprocess"
  | "lapse"
  | "expire"
  | "resume"
  | "simulate_complete"
  | "simulate_review"
  | "simulate_expire"

type Rule = { readonly from: ReadonlyArray<SessionStatus>; readonly to: SessionStatus }

const active = SessionStatus.literals.filter((status) => !terminal.has(status))

/** The table of contract §3. What it lacks is refused with `Conflict`, code `invalid_state`. */
export const transitions: Record<Transition, Rule> = {
  start_capture: { from: ["pending"], to: "capturing" },
  submit: { from: ["pending", "capturing"], to: "processing" },
  submit_sandbox: { from: ["pending", "capturing"], to: "sandbox_pending" },
  complete: { from: ["processing"], to: "completed" },
  require_review: { from: ["processing"], to: "under_review" },
  await_external: { from: ["processing"], to: "awaiting_external" },
  fail: { from: ["processing"], to: "failed" },
  continue_external: { from: ["awaiting_external"], to: "processing" },
  reject_external: { from: ["awaiting_external"], to: "completed" },
  fail_external: { from: ["awaiting_external"], to: "failed" },
  decide_review: { from: ["under_review"], to: "completed" },
  reprocess: { from: ["failed", "completed"], to: "processing" },
  lapse: { from: ["pending", "capturing"], to: "expired" },
  expire: { from: active, to: "expired" },
  resume: { from: ["expired"], to: "pending" },
  simulate_complete: { from: ["pending", "capturing", "sandbox_pending"], to: "completed" },
  simulate_review: { from: ["pending", "capturing", "sandbox_pending"], to: "under_review" },
  simulate_expire: { from: ["pending", "capturing", "sandbox_pending"], to: "expired" }
}

/** The status that `transition` leads to from `from`, or `undefined` where the table has no such row. */
export const target = (from: SessionStatus, transition: Transition): SessionStatus | undefined => {
  const rule = transitions[transition]
  return rule.from.includes(from) ? rule.to : undefined
}

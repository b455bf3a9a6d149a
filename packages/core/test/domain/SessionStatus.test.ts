import { assert, describe, it } from "@effect/vitest"
import { SessionStatus, target, terminal, transitions } from "../../src/domain/SessionStatus.ts"
import type { Transition } from "../../src/domain/SessionStatus.ts"

/** The table of contract §3, written a second time as it stands there. */
const allowed: Record<Transition, string> = {
  start_capture: "pending>capturing",
  submit: "pending>processing capturing>processing",
  submit_sandbox: "pending>sandbox_pending capturing>sandbox_pending",
  complete: "processing>completed",
  require_review: "processing>under_review",
  await_external: "processing>awaiting_external",
  fail: "processing>failed",
  continue_external: "awaiting_external>processing",
  reject_external: "awaiting_external>completed",
  fail_external: "awaiting_external>failed",
  decide_review: "under_review>completed",
  reprocess: "completed>processing failed>processing",
  lapse: "pending>expired capturing>expired",
  expire:
    "pending>expired capturing>expired processing>expired awaiting_external>expired under_review>expired sandbox_pending>expired",
  resume: "expired>pending",
  simulate_complete: "pending>completed capturing>completed sandbox_pending>completed",
  simulate_review: "pending>under_review capturing>under_review sandbox_pending>under_review",
  simulate_expire: "pending>expired capturing>expired sandbox_pending>expired"
}

describe("the status machine", () => {
  it.each(Object.keys(transitions) as Array<Transition>)(
    "%s moves exactly as the contract's table says",
    (transition) => {
      const moves = SessionStatus.literals.flatMap((from) => {
        const to = target(from, transition)
        return to === undefined ? [] : [`${from}>${to}`]
      })
      assert.strictEqual(moves.join(" "), allowed[transition])
    }
  )

  it("has three terminal statuses", () => {
    assert.deepStrictEqual([...terminal], ["completed", "expired", "failed"])
  })
})

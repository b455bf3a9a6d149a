import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import { isoText } from "../../src/domain/TimeText.ts"

const spelt = (moments: ReadonlyArray<number>) => moments.map((moment) => isoText(DateTime.makeUnsafe(moment)))

describe("the text of a time", () => {
  // Some are written again while they are remembered, and some after another has taken their place.
  const near = Schema.Int.check(Schema.isBetween({ minimum: -200, maximum: 200 }))
  it.prop("is that of this very time, whichever were written before", [Schema.Array(near)], ([moments]) => {
    assert.deepStrictEqual(
      spelt(moments),
      moments.map((moment) => new Date(moment).toISOString())
    )
  })

  it("is whole for the first and the last time that there is, and between two milliseconds", () => {
    assert.deepStrictEqual(spelt([-8.64e15, 8.64e15]), ["-271821-04-20T00:00:00.000Z", "+275760-09-13T00:00:00.000Z"])
    const between = DateTime.addDuration(DateTime.makeUnsafe(61), "1500 micros")
    assert.strictEqual(isoText(between), "1970-01-01T00:00:00.062Z")
    assert.strictEqual(isoText(DateTime.makeUnsafe(62)), "1970-01-01T00:00:00.062Z")
  })
})

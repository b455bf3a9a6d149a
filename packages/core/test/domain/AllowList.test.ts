import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { AddressRange, addressTest, normalizeAddress } from "../../src/domain/AllowList.ts"

const isRange = Schema.is(AddressRange)

describe("an allow-list", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.8", false],
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["::ffff:10.1.2.3", "10.1.2.3", true],
    ["::ffff:10.0.0.0/104", "10.9.9.9", true],
    ["::ffff:10.0.0.0/104", "11.0.0.1", false],
    ["2001:db8::/32", "2001:db8:1::5", true],
    ["2001:db8::/32", "2001:db9::5", false],
    ["2001:db8::1", "2001:0db8:0000::0001", true],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["10.0.0.0/8", "no address", false]
  ])("%s and the client %s: %s", (range, client, expected) => {
    assert.strictEqual(addressTest([range])(client), expected)
  })

  it("is written with addresses and networks only", () => {
    for (const good of ["1.2.3.4", "1.2.3.0/24", "::1", "fe80::/10", "0.0.0.0/0"]) assert.isTrue(isRange(good), good)
    for (const bad of [
      "",
      "1.2.3",
      "1.2.3.4/33",
      "::1/129",
      "1.2.3.4/",
      "1.2.3.4/8/9",
      "host",
      "1.2.3.4/-1",
      "1.2.3.4/8 ",
      "::ffff:10.0.0.0/8"
    ]) {
      assert.isFalse(isRange(bad), bad)
    }
  })

  it("sees through the clothes of a dual-stack socket", () => {
    assert.strictEqual(normalizeAddress("::ffff:192.0.2.1"), "192.0.2.1")
    assert.strictEqual(normalizeAddress("::FFFF:192.0.2.1"), "192.0.2.1")
    assert.strictEqual(normalizeAddress("fe80::1%eth0"), "fe80::1")
  })
})

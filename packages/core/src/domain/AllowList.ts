/**
 * IP addresses: their normal form, and lists of the addresses and networks that a key may be used from.
 *
 * Both IPv4 and IPv6, single addresses and CIDR. An IPv4 address in IPv6's clothes (`::ffff:192.0.2.1`) is the IPv4 address.
 */
import { Schema } from "effect"
import { BlockList, isIP, isIPv4 } from "node:net"
import { rule } from "./Violation.ts"

/** The address without zone and without the `::ffff:` that a dual-stack socket puts before IPv4. */
export const normalizeAddress = (address: string): string => {
  const bare = address.split("%", 1)[0] ?? ""
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)
  return mapped?.[1] ?? bare
}

interface Range {
  readonly address: string
  readonly family: "ipv4" | "ipv6"
  /** Length of the network's prefix; that of a whole address for a single one. */
  readonly bits: number
}

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`; a network that is wider than all of IPv4 is no IPv4 network. */
const parseRange = (entry: string): Range | undefined => {
  const [given = "", length, ...more] = entry.split("/")
  if (more.length > 0 || isIP(given) === 0 || !/^\d{1,3}$/.test(length ?? "0")) return undefined
  const address = normalizeAddress(given)
  const family = isIPv4(address) ? "ipv4" : "ipv6"
  const width = family === "ipv4" ? 32 : 128
  const bits = length === undefined ? width : Number(length) - (address === given || family === "ipv6" ? 0 : 96)
  return bits >= 0 && bits <= width ? { address, family, bits } : undefined
}

/** An address or a network, such as `192.0.2.1`, `10.0.0.0/8` or `2001:db8::/32`. */
export const AddressRange = Schema.String.check(
  rule(
    "unknown_value",
    "must be an IP address or a CIDR network, such as 10.0.0.0/8",
    (entry: string) => parseRange(entry) !== undefined
  )
)

/**
 * A test for membership in a list of {@link AddressRange}s.
 *
 * @example
 * addressTest(["10.0.0.0/8", "2001:db8::1"])("::ffff:10.1.2.3") // true
 */
export const addressTest = (ranges: ReadonlyArray<string>): ((address: string) => boolean) => {
  const list = new BlockList()
  for (const entry of ranges) {
    const range = parseRange(entry)
    if (range !== undefined) list.addSubnet(range.address, range.bits, range.family)
  }
  return (given) => {
    const address = normalizeAddress(given)
    return isIP(address) !== 0 && list.check(address, isIPv4(address) ? "ipv4" : "ipv6")
  }
}

/** Base62 (`0-9A-Za-z`) of bytes, at a fixed width, so that equal inputs make texts of equal length. */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** The bytes as one big-endian number in base62, padded with zeros to `width` digits. */
export const base62 = (bytes: Uint8Array, width: number): string => {
  let rest = BigInt(`0x${Buffer.from(bytes).toString("hex")}`)
  let text = ""
  while (rest > 0n) {
    text = digits[Number(rest % 62n)] + text
    rest /= 62n
  }
  return text.padStart(width, "0")
}

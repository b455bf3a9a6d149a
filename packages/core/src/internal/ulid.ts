/** The 26 characters behind the prefix of an identifier: a lower-case ULID. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

/** 48 bits of Unix milliseconds and 80 bits (10 bytes), in Crockford's base32. */
export const ulid = (millis: number, bytes: Uint8Array): string => timePart(millis) + randomPart(bytes)

/** 48 bits of milliseconds as 10 digits, most significant first. */
const timePart = (millis: number): string => {
  let rest = Math.max(0, Math.trunc(millis))
  let text = ""
  for (let digit = 0; digit < 10; digit++) {
    text = alphabet.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

/** 80 random bits as 16 digits. */
const randomPart = (bytes: Uint8Array): string => {
  let text = ""
  let buffer = 0
  let bits = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet.charAt((buffer >>> bits) & 31)
    }
    buffer &= (1 << bits) - 1
  }
  return text
}

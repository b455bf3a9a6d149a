/** The 26 characters behind the prefix of an identifier: a lower-case ULID. */
const alphabet = [..."0123456789abcdefghjkmnpqrstvwxyz"]

/** Every two digits, for ten bits at once. */
const pairs = alphabet.flatMap((high) => alphabet.map((low) => high + low))

/** 48 bits of Unix milliseconds and 80 bits (10 bytes), in Crockford's base32. */
export const ulid = (millis: number, bytes: Uint8Array): string => timePart(millis) + randomPart(bytes)

/** 48 bits of milliseconds as 10 digits, most significant first. */
const timePart = (millis: number): string => {
  let text = ""
  for (let rest = Math.max(0, Math.trunc(millis)); text.length < 10; rest = Math.floor(rest / 1024)) {
    text = `${pairs[rest % 1024]}${text}`
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
    if (bits < 10) continue
    bits -= 10
    text += pairs[buffer >>> bits]
    buffer &= (1 << bits) - 1
  }
  return text
}

/**
 * API keys that were found good a moment ago, so that a caller who asks often is not looked up and hashed anew for every
 * request. What is remembered is the stored key as it was read, never a decision: whether it has ended and from where it may
 * be used is asked each time. Keys that were refused are not remembered.
 *
 * An entry is good for five seconds after the key was read (contract §1: revocation is seen within 5 s), and is found by a hash
 * of the text: the text itself is not kept.
 */
import { hash } from "node:crypto"

const lifetime = 5_000
const maxKeys = 10_000

/** What is remembered of a key, with the time at which its reading began. */
interface Known<Key> {
  readonly key: Key
  readonly readAt: number
}

/** Remembers keys by their texts; times are in milliseconds. */
export const makeKnownKeys = <Key>() => {
  // The one that was read longest ago comes first, and is forgotten first.
  const keys = new Map<string, Known<Key>>()
  let forgotten = 0
  return {
    /** What is known of the key with this text. */
    find: (text: string, now: number): Key | undefined => {
      const known = keys.get(nameOf(text))
      const isFresh = known !== undefined && now >= known.readAt && now < known.readAt + lifetime
      return isFresh ? known.key : undefined
    },
    /** Begins a reading. What comes of it is kept by `keep`, unless keys were changed in the meantime. */
    begin: (text: string, now: number) => {
      const before = forgotten
      return {
        keep: (key: Key): void => {
          if (forgotten !== before) return
          const name = nameOf(text)
          keys.delete(name)
          keys.set(name, { key, readAt: now })
          const [oldest] = keys.keys()
          if (keys.size > maxKeys && oldest !== undefined) keys.delete(oldest)
        }
      }
    },
    /** Forgets everything, and what is being read: a key was changed. That is rare, and so all of them are read again. */
    forget: (): void => {
      forgotten++
      keys.clear()
    }
  }
}

const nameOf = (text: string): string => hash("sha256", text, "base64url")

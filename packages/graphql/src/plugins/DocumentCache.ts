/**
 * Parsed documents by their text, so that a document sent again is neither parsed nor measured nor validated again. What is
 * kept is bounded by its size and not by its number: otherwise a few hundred large documents would fill the memory.
 */

/** So many characters any document counts for besides its own: the shortest ones take more memory than their text says. */
export const charactersOfEach = 100

/**
 * A cache of two generations. When the younger has more than half of `maxCharacters`, it becomes the older one, and what nobody asked
 * for since the last time is forgotten. A document that is longer than half is not kept.
 */
export class DocumentCache<Value> {
  readonly #half: number
  #recent = new Map<string, Value>()
  #older: ReadonlyMap<string, Value> = new Map()
  #characters = 0

  constructor(maxCharacters: number) {
    this.#half = maxCharacters / 2
  }

  get(text: string): Value | undefined {
    const recent = this.#recent.get(text)
    if (recent !== undefined) return recent
    const value = this.#older.get(text)
    if (value !== undefined) this.set(text, value)
    return value
  }

  set(text: string, value: Value): void {
    const characters = charactersOfEach + text.length
    if (this.#recent.has(text) || characters > this.#half) return
    if (this.#characters + characters > this.#half) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#characters = 0
    }
    this.#recent.set(text, value)
    this.#characters += characters
  }
}

/**
 * Parsed documents by their text, so that a document sent again is neither parsed nor measured nor validated again. What is
 * kept is bounded by its size and not by its number: otherwise a few hundred large documents would fill the memory.
 */

/** A cache that forgets what was not asked for longest, once the texts it holds are longer than `maxCharacters` together. */
export class DocumentCache<Value> {
  readonly #maxCharacters: number
  readonly #values = new Map<string, Value>()
  #characters = 0

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters
  }

  get(text: string): Value | undefined {
    const value = this.#values.get(text)
    if (value !== undefined) {
      // Last in the map's order: the most recently used.
      this.#values.delete(text)
      this.#values.set(text, value)
    }
    return value
  }

  set(text: string, value: Value): void {
    if (this.#values.has(text) || text.length > this.#maxCharacters) return
    this.#values.set(text, value)
    this.#characters += text.length
    for (const oldest of this.#values.keys()) {
      if (this.#characters <= this.#maxCharacters) break
      this.#values.delete(oldest)
      this.#characters -= oldest.length
    }
  }
}

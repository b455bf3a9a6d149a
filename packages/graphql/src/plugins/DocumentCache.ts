/**
 * Parsed documents by their text, so that a document sent again is neither parsed nor measured nor validated again. What is
 * kept is bounded by its size and not by its number: otherwise a few hundred large documents would fill the memory.
 */

/**
 * A cache of two generations. When the texts of the younger are longer than half of `maxCharacters` together, it becomes the older
 * one, and what nobody asked for since the last time is forgotten. A text that is longer than half is not kept.
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
    if (this.#recent.has(text) || text.length > this.#half) return
    if (this.#characters + text.length > this.#half) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#characters = 0
    }
    this.#recent.set(text, value)
    this.#characters += text.length
  }
}

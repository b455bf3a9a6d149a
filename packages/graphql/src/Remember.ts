/** What follows from a header alone, once for each text: most requests come with the same few. */

/** So many answers are kept. */
const maxTexts = 100

/** The same function, which remembers its answers. */
export const remember = <A extends {} | null>(ask: (text: string) => A): ((text: string) => A) => {
  const answers = new Map<string, A>()
  return (text) => {
    const known = answers.get(text)
    if (known !== undefined) return known
    const answer = ask(text)
    // Whoever sends something new with each request must not fill the memory.
    if (answers.size >= maxTexts) answers.clear()
    answers.set(text, answer)
    return answer
  }
}

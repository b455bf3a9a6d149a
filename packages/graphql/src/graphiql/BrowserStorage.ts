/**
 * The storage that GraphiQL is given: runs in the browser, and is sent there as text, so it uses nothing but its arguments.
 *
 * GraphiQL keeps its tabs in `localStorage`, and what it finds there wins over the tabs it is told to show; whatever was
 * served from this address before would show up instead of ours. So it gets a corner of its own, filled with our tabs
 * whenever these have changed: other ids in them are of a database that is gone. Until then a person's own edits stay.
 */
import type { Tab } from "./Tabs.ts"

/** A storage under `holdfast:` with the tabs in it, `version` saying which. */
export const browserStorage = (version: string, tabs: ReadonlyArray<Tab>) => {
  const memory: Record<string, string> = {}
  const prefix = "holdfast:"
  let kept: Pick<Storage, "getItem" | "setItem" | "removeItem">
  try {
    kept = globalThis.localStorage
    kept.getItem(prefix)
  } catch {
    // A browser may forbid it; then nothing is kept beyond the page.
    kept = {
      getItem: (key) => memory[key] ?? null,
      setItem: (key, value) => void (memory[key] = value),
      removeItem: (key) => void delete memory[key]
    }
  }
  const storage = {
    length: 0,
    clear: () => {},
    getItem: (key: string) => kept.getItem(prefix + key),
    setItem: (key: string, value: string) => kept.setItem(prefix + key, value),
    removeItem: (key: string) => kept.removeItem(prefix + key)
  }
  const first = tabs[0]
  if (storage.getItem("version") !== version && first !== undefined) {
    const states = tabs.map((tab) => ({ ...tab, id: tab.title, hash: null, operationName: tab.title, response: null }))
    storage.setItem("graphiql:tabState", JSON.stringify({ activeTabIndex: 0, tabs: states }))
    storage.setItem("graphiql:query", first.query)
    storage.setItem("graphiql:variables", first.variables)
    storage.setItem("graphiql:headers", first.headers)
    storage.setItem("version", version)
  }
  return storage
}

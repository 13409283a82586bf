import type { TextStore } from './state/lessons/lesson-store.ts'

/** The browser may forbid localStorage (blocked cookies, opaque origins): choices then last as long as the page. */
export function browserTexts(): TextStore {
  try {
    const storage = window.localStorage
    const prefix = 'porthole.'
    return {
      read: (key) => storage.getItem(prefix + key),
      write: (key, text) => storage.setItem(prefix + key, text),
      remove: (key) => storage.removeItem(prefix + key),
      keys: () =>
        Object.keys(storage).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : [])),
    }
  } catch {
    const texts = new Map<string, string>()
    return {
      read: (key) => texts.get(key) ?? null,
      write: (key, text) => void texts.set(key, text),
      remove: (key) => void texts.delete(key),
      keys: () => [...texts.keys()],
    }
  }
}

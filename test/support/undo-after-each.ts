import { afterEach } from 'vitest'

export type Undo = (what: () => Promise<unknown>) => void

/** What is given to the function is done after the test, last first; an object that is gone already counts as removed. */
export function undoAfterEach(): Undo {
  const pending: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const undo of pending.splice(0).reverse()) {
      try {
        await undo()
      } catch (error) {
        const { statusCode } = error as { statusCode?: number }
        // 409: its automatic removal has begun.
        if (statusCode !== 404 && statusCode !== 409) throw error
      }
    }
  })
  return (what) => void pending.push(what)
}

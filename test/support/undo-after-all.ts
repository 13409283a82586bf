import { afterAll } from 'vitest'
import type { Undo } from './undo-after-each.ts'

/** What is given to the function is done after the last test of the file or `describe`, last first. */
export function undoAfterAll(): Undo {
  const pending: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const undo of pending.reverse()) await undo()
  })
  return (what) => void pending.push(what)
}

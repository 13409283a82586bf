import { expect, test } from 'vitest'
import { EngineError } from '../protocol/errors.ts'
import { UndoStack } from './undo-stack.ts'

test('takes back in the reverse order of set-up, once', async () => {
  const done: string[] = []
  const undo = new UndoStack()
  for (const name of ['mount', 'cgroup', 'name']) undo.push(name, async () => void done.push(name))
  expect(await undo.unwind()).toEqual([])
  expect(await undo.unwind()).toEqual([])
  expect(done).toEqual(['name', 'cgroup', 'mount'])
})

test('a failure stops no other undo, names what failed, and is tried again by the next unwind', async () => {
  const done: string[] = []
  const undo = new UndoStack()
  let full = true
  undo.push('the mount', async () => void done.push('mount'))
  undo.push('the record', async () => {
    if (full) throw new EngineError('exhausted', 'no space left on device')
    done.push('record')
  })
  undo.push('the name', async () => void done.push('name'))
  const failures = await undo.unwind()
  expect(failures.map(({ code, message }) => [code, message])).toEqual([
    ['exhausted', 'the record: no space left on device'],
  ])
  expect(done).toEqual(['name', 'mount'])
  full = false
  expect(await undo.unwind()).toEqual([])
  expect(done).toEqual(['name', 'mount', 'record'])
  expect(undo.isEmpty).toBe(true)
})

test('what is pushed while it unwinds is taken back too', async () => {
  const done: string[] = []
  const undo = new UndoStack()
  undo.push('outer', async () => undo.push('inner', async () => void done.push('inner')))
  expect(await undo.unwind()).toEqual([])
  expect(done).toEqual(['inner'])
})

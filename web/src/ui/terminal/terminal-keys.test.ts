import { expect, test } from 'vitest'
import { terminalShortcut } from './terminal-keys.ts'

const press = (
  key: string,
  modifiers: Partial<Record<'ctrlKey' | 'shiftKey' | 'metaKey' | 'altKey', boolean>> = {},
) => ({
  key,
  ctrlKey: false,
  shiftKey: false,
  metaKey: false,
  altKey: false,
  ...modifiers,
})

test('Ctrl+C interrupts, but copies while something is selected', () => {
  expect(terminalShortcut(press('c', { ctrlKey: true }), false)).toBeUndefined()
  expect(terminalShortcut(press('c', { ctrlKey: true }), true)).toBe('copy')
})

test('F6 leaves the terminal; every other function key belongs to the program', () => {
  expect(terminalShortcut(press('F6'), false)).toBe('leave')
  expect(terminalShortcut(press('F6', { shiftKey: true }), false)).toBe('leave')
  expect(terminalShortcut(press('F5'), false)).toBeUndefined()
  expect(terminalShortcut(press('Escape'), false)).toBeUndefined()
})

test('Ctrl+V is left to the browser, Alt+Ctrl+V to the program', () => {
  expect(terminalShortcut(press('v', { ctrlKey: true }), false)).toBe('paste')
  expect(terminalShortcut(press('v', { ctrlKey: true, altKey: true }), false)).toBeUndefined()
})

/** The keys that touch screens lack, as the bytes a VT sends (xterm, ctlseqs, "PC-Style Function Keys"). */
export const TOUCH_KEYS = [
  { label: 'Esc', sequence: '\x1b' },
  { label: 'Tab', sequence: '\t' },
  { label: '↑', sequence: '\x1b[A' },
  { label: '↓', sequence: '\x1b[B' },
  { label: '←', sequence: '\x1b[D' },
  { label: '→', sequence: '\x1b[C' },
  { label: '^C', sequence: '\x03' },
  { label: '^D', sequence: '\x04' },
  { label: '|', sequence: '|' },
  { label: '/', sequence: '/' },
  { label: '-', sequence: '-' },
] as const

export type TerminalShortcut = 'copy' | 'paste' | 'leave' | undefined

type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey' | 'metaKey' | 'altKey'>

/**
 * Decides what a key does before the terminal sees it. Ctrl+C copies only while there is a selection; the browser
 * handles Ctrl+V and Ctrl+Shift+V, which paste; F6 leaves the terminal (WCAG 2.1.2, no keyboard trap).
 */
export function terminalShortcut(press: KeyPress, hasSelection: boolean): TerminalShortcut {
  if (press.key === 'F6') return 'leave'
  if (!press.ctrlKey || press.altKey || press.metaKey) return undefined
  const key = press.key.toLowerCase()
  if (key === 'c' && (hasSelection || press.shiftKey)) return 'copy'
  return key === 'v' ? 'paste' : undefined
}

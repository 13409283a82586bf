/** Rows by which a terminal grows with its content: each step is a new size for the programs in it. */
const STEP = 8
const MAX_ROWS = 24

/** The rows that a terminal should have whose content takes `used` of them. */
export function rowsFor(used: number): number {
  // One row more than is used: a command is coming.
  return Math.min(MAX_ROWS, Math.max(1, Math.ceil((used + 1) / STEP)) * STEP)
}

/**
 * The height that the document would have, in CSS pixels, if the terminal in front, which has `rows` rows, had `wanted`.
 * Undefined while nothing is drawn.
 */
export function terminalHeight(document: Document, rows: number, wanted: number): number | undefined {
  const cells = document.querySelector('.holder:not([hidden]) .xterm-screen')
  if (!cells || rows === 0 || cells.clientHeight === 0) return undefined
  return document.documentElement.clientHeight + (wanted - rows) * (cells.clientHeight / rows)
}

/**
 * Aligns columns by elastic tab stops, as Go's text/tabwriter with spaces as padding. A column is a run of adjacent
 * lines that have a tab-terminated cell in it; the last cell of a line belongs to no column.
 */
import { displayWidth } from './display-width.ts'

export interface TabLayout {
  /** The least width of a cell with its padding. */
  minWidth: number
  padding: number
}

/** The layout of every table that Docker's formatter prints. */
export const TABLE_LAYOUT: TabLayout = { minWidth: 10, padding: 3 }

/**
 * Aligns the cells of a text.
 * @param text lines with tabs; a missing final newline stays missing
 */
export function alignTabs(text: string, layout: TabLayout = TABLE_LAYOUT): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const output: string[] = new Array<string>(lines.length)
  const widths: number[] = []

  function write(from: number, to: number): void {
    for (let index = from; index < to; index += 1) {
      const cells = lines[index]!
      output[index] = cells
        .map((cell, column) => {
          const last = column === cells.length - 1
          return last || column >= widths.length
            ? cell
            : cell + ' '.repeat(widths[column]! - displayWidth(cell))
        })
        .join('')
    }
  }

  function format(from: number, to: number): void {
    const column = widths.length
    let start = from
    for (let index = from; index < to; index += 1) {
      if (column >= lines[index]!.length - 1) continue
      write(start, index)
      start = index
      let width = layout.minWidth
      while (index < to && column < lines[index]!.length - 1) {
        width = Math.max(width, displayWidth(lines[index]![column]!) + layout.padding)
        index += 1
      }
      widths.push(width)
      format(start, index)
      widths.pop()
      start = index
    }
    write(start, to)
  }

  format(0, lines.length)
  return output.join('\n')
}

/** What is said of lessons, as a table on stdout. */
import { withoutHidden } from '../../../web/src/lessons/markdown/hidden-characters.ts'

/** What a lesson or its guest says may hold what a terminal would obey. */
export const say = (line: string): void => console.log(withoutHidden(line))

/** @param widths characters of each column but the last */
export function print(cells: readonly string[], widths: readonly number[]): void {
  say(
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

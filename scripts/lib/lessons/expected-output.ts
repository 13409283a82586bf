/** Whether a command printed what a text says that it prints. */

/** Stands for any characters in a line, and alone on a line for any lines. */
const ANYTHING = /\.\.\.|…/

/**
 * Columns of tables are as wide as what stands in them, so that blanks in a row count as one. Undefined when it fits, else
 * a sentence that names the first line that does not.
 */
export function outputDifference(expected: string, printed: string): string | undefined {
  const [wanted, had] = [linesOf(expected), linesOf(printed)]
  // reach[n]: whether the lines wanted so far can stand for the first n lines.
  let reach = [true, ...had.map(() => false)]
  for (const line of wanted) {
    const next = reach.map(() => false)
    const isAny = /^(?:\.\.\.|…)$/.test(line)
    reach.forEach((is, at) => {
      if (!is) return
      if (isAny) next.fill(true, at)
      else if (at < had.length && isLike(line, had[at]!)) next[at + 1] = true
    })
    if (!next.includes(true))
      return `it should print «${line}», and prints ${shown(had, reach.lastIndexOf(true))}`
    reach = next
  }
  if (reach.at(-1)) return undefined
  return `it prints more than it should: ${shown(had, reach.lastIndexOf(true))}`
}

const shown = (lines: readonly string[], at: number): string =>
  at < lines.length ? `«${lines[at]!.slice(0, 200)}»` : 'nothing more'

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')

/** Each piece between marks is taken where it comes first. */
function isLike(wanted: string, line: string): boolean {
  const pieces = wanted.split(new RegExp(ANYTHING, 'g'))
  if (pieces.length === 1) return wanted === line
  const [first, last] = [pieces[0]!, pieces.at(-1)!]
  if (line.length < first.length + last.length || !line.startsWith(first) || !line.endsWith(last))
    return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = line.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= line.length - last.length
}

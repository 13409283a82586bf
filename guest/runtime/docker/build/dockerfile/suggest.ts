/**
 * The most edits between a wrong word and the one of "did you mean …?", which BuildKit adds to an unknown instruction
 * or flag (util/suggest).
 */
const FARTHEST = 2

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

/** The nearest of `options`, or undefined when none is near. */
export function nearest(word: string, options: readonly string[]): string | undefined {
  const ranked = options
    .map((option) => ({ option, distance: editDistance(word, option) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= FARTHEST && best.distance > 0 ? best.option : undefined
}

export const didYouMean = (message: string, suggestion: string | undefined): string =>
  suggestion === undefined ? message : `${message} (did you mean ${suggestion}?)`

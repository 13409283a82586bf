/** Compares names with numbers in them: `data2` comes before `data10`, other characters are ordered by their code. */
export function naturalOrder(a: string, b: string): number {
  const left = a.match(/\d+|\D/g) ?? []
  const right = b.match(/\d+|\D/g) ?? []
  for (const [at, piece] of left.entries()) {
    const other = right[at]
    if (other === undefined) return 1
    if (piece === other) continue
    const numbers = /\d/.test(piece) && /\d/.test(other)
    const difference = numbers ? Number(piece) - Number(other) : 0
    return difference || (piece < other ? -1 : 1)
  }
  return left.length - right.length
}

/**
 * The order in which go-yaml v3 prints the keys of a map (its sorter.go): numbers within a name count as numbers, so that
 * web2 comes before web10, and a letter comes after any other character, but before it where both follow a digit.
 */

const isLetter = (char: string): boolean => /\p{L}/u.test(char)
const isDigit = (char: string | undefined): boolean => char !== undefined && /[0-9]/.test(char)

/** The number that begins at a place, with the number of its digits. */
function numberAt(chars: readonly string[], at: number): { value: number; digits: number } {
  let end = at
  while (isDigit(chars[end])) end++
  return { value: Number(`0${chars.slice(at, end).join('')}`), digits: end - at }
}

/** Says whether a digit other than 0 stands before a place, in the digits that lead up to it. */
function isWithinNumber(chars: readonly string[], at: number): boolean {
  let before = at - 1
  while (isDigit(chars[before]) && chars[before] === '0') before--
  return isDigit(chars[before])
}

/** Compares numbers. A zero that continues a number counts as a digit, one that leads does not. */
function byNumber(a: readonly string[], b: readonly string[], at: number): number {
  const [left, right] = [numberAt(a, at), numberAt(b, at)]
  const continued = (a[at] === '0' || b[at] === '0') && isWithinNumber(a, at)
  if (continued && left.digits !== right.digits) return left.digits - right.digits
  return left.value - right.value || left.digits - right.digits
}

/** Compares two keys, for `sort`. */
export function byYamlKey(left: string, right: string): number {
  const [a, b] = [[...left], [...right]]
  const shorter = Math.min(a.length, b.length)
  let at = 0
  while (at < shorter && a[at] === b[at]) at++
  if (at === shorter) return a.length - b.length
  const [x, y] = [a[at]!, b[at]!]
  const byCode = x.codePointAt(0)! - y.codePointAt(0)!
  if (isLetter(x) && isLetter(y)) return byCode
  if (isLetter(x) || isLetter(y)) return isLetter(x) === isDigit(a[at - 1]) ? -1 : 1
  return byNumber(a, b, at) || byCode
}

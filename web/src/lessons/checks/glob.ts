/**
 * Whether a text is what a glob says: `*` stands for any characters, none and line breaks included; a backslash takes the
 * meaning from the character after it. No regular expressions: a lesson comes from anywhere, and some of them never end.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const [first, ...others] = literalsOf(glob)
  const last = others.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first!) || !text.endsWith(last)) return false
  // Each of the others as early as it can be leaves the most room for those behind it.
  let at = first!.length
  for (const literal of others) {
    const found = text.indexOf(literal, at)
    if (found < 0) return false
    at = found + literal.length
  }
  return at + last.length <= text.length
}

/** What stands before, between and behind the stars. */
function literalsOf(glob: string): string[] {
  const literals = ['']
  for (let at = 0; at < glob.length; at++) {
    if (glob[at] === '*') literals.push('')
    else {
      if (glob[at] === '\\' && at + 1 < glob.length) at++
      literals[literals.length - 1] += glob[at]!
    }
  }
  return literals
}

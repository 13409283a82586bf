/**
 * The patterns of `${name#…}`, `${name%…}` and `${name/…/…}`: POSIX's without brackets
 * (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_13).
 */
const LITERAL = /[[\]{}.+()|^$]/

/** @param greedy whether `*` takes as much as it can */
function toRegex(pattern: string, greedy: boolean, anchored: boolean): RegExp {
  const characters = [...pattern]
  let source = anchored ? '^' : ''
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!
    if (character === '*') source += greedy ? '.*' : '.*?'
    else if (character === '?') source += '.'
    else if (character === '\\') {
      const next = characters[at + 1]
      // In `${…}` these two are escaped for the lexer's sake; the escape is no part of the pattern.
      if (next === '}' || next === '/') continue
      if (next !== '*' && next !== '?' && next !== '\\') throw new Error(`invalid escape '\\${next ?? ''}'`)
      source += `\\${next}`
      at++
    } else source += LITERAL.test(character) ? `\\${character}` : character
  }
  return new RegExp(source, 'u')
}

function compile(pattern: string, greedy: boolean, anchored: boolean): RegExp {
  try {
    return toRegex(pattern, greedy, anchored)
  } catch (thrown) {
    throw new Error(`invalid pattern (${pattern}) in substitution: ${(thrown as Error).message}`, {
      cause: thrown,
    })
  }
}

export function trimPrefix(value: string, pattern: string, greedy: boolean): string {
  const match = compile(pattern, greedy, true).exec(value)
  return match ? value.slice(match[0].length) : value
}

/** Reverses a pattern, but keeps an escape before its character. */
function reversePattern(pattern: string): string {
  return (pattern.match(/\\[^]|[^]/gu) ?? []).reverse().join('')
}

const reverse = (text: string) => [...text].reverse().join('')

/**
 * Cuts the match at the end. It is the match at the beginning of the reversed text, where the regular expression finds
 * the shortest.
 */
export function trimSuffix(value: string, pattern: string, greedy: boolean): string {
  return reverse(trimPrefix(reverse(value), reversePattern(pattern), greedy))
}

export function replace(value: string, pattern: string, replacement: string, all: boolean): string {
  const { source } = compile(pattern, true, false)
  const expression = new RegExp(source, all ? 'gu' : 'u')
  return value.replace(expression, () => replacement)
}

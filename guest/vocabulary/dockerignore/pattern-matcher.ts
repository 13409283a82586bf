/**
 * `.dockerignore` patterns: Go's filepath.Match with `**` for any number of names, `!` for exceptions, the last match wins,
 * and a match of a directory is one of all that is in it. Semantics of github.com/moby/patternmatcher, which neither
 * `ignore` (git's rules) nor `picomatch` (braces, extended globs, dot files) has.
 */
import { EngineError } from '../../protocol/errors.ts'
import { cleanPath } from '../clean-path.ts'
import { compileMatch } from './go-match.ts'

interface Pattern {
  /** `!`: what it matches is no longer ignored. */
  exception: boolean
  /** Cleaned, without the mark of an exception. */
  text: string
  matches: (path: string) => boolean
}

const literal = (character: string) => (/[.+()|{}$]/.test(character) ? `\\${character}` : character)

/** `**` in the middle stands for names with their slashes, or nothing. */
function toRegex(pattern: string): RegExp {
  let source = ''
  const characters = [...pattern]
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!
    if (character === '*' && characters[at + 1] === '*') {
      at++
      if (characters[at + 1] === '/') at++
      source += at + 1 === characters.length ? '.*' : '(?:.*/)?'
    } else if (character === '*') source += '[^/]*'
    else if (character === '?') source += '[^/]'
    else if (character === '\\') {
      const next = characters[++at]
      source += next === undefined ? '\\\\' : next.replace(/[^\p{L}\p{N}\s_]/u, '\\$&')
    } else source += literal(character)
  }
  return new RegExp(`^${source}$`, 's')
}

/** Alone at either end, `**` is no more than a beginning or an ending. */
function matcherOf(pattern: string): Pattern['matches'] {
  const rest = pattern.replace(/^\*\*|\*\*$/, '')
  if (!/[*?[\]\\]/.test(rest)) {
    if (pattern === rest) return (path) => path === pattern
    if (pattern.endsWith('**')) return (path) => path.startsWith(rest)
    return (path) => path.endsWith(rest) || (rest.startsWith('/') && path === rest.slice(1))
  }
  const expression = toRegex(pattern)
  return (path) => expression.test(path)
}

function parse(text: string): Pattern | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const clean = cleanPath(trimmed)
  const exception = clean.startsWith('!')
  const pattern = exception ? clean.slice(1) : clean
  if (pattern === '') throw new EngineError('invalid', 'illegal exclusion pattern: "!"')
  compileMatch(pattern)
  return { exception, text: pattern, matches: matcherOf(pattern) }
}

/** The directories that a path is in, the outermost first. */
function parentsOf(path: string): string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}

export class PatternMatcher {
  readonly #patterns: Pattern[]

  /** Throws `invalid`: `syntax error in pattern`. */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(parse).filter((pattern) => pattern !== undefined)
  }

  /**
   * Whether an ignored directory has to be looked through: an exception is written as a path into it. Wildcards before
   * that do not count, so `d` with the exception `?/k` leaves `d/k` ignored (moby pkg/archive, TarWithOptions).
   */
  hasExceptionsIn(directory: string): boolean {
    return this.#patterns.some(({ exception, text }) => exception && `${text}/`.startsWith(`${directory}/`))
  }

  /** @param path with slashes, relative to the context */
  matches(path: string): boolean {
    const candidates = [path, ...parentsOf(path)]
    let matched = false
    for (const { exception, matches } of this.#patterns)
      if (exception === matched && candidates.some(matches)) matched = !exception
    return matched
  }
}

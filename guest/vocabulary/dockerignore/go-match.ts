/** Go's filepath.Match: `*` and `?` within a name, `[a-z]`, `[^a]`, `\` escapes. */
import { EngineError } from '../../protocol/errors.ts'

const badPattern = (pattern: string) => new EngineError('invalid', 'syntax error in pattern', { pattern })

const literal = (character: string) => character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')

class PatternReader {
  readonly #characters: string[]
  readonly #pattern: string
  #at = 0

  constructor(pattern: string) {
    this.#pattern = pattern
    this.#characters = [...pattern]
  }

  source(): string {
    let source = ''
    while (this.#at < this.#characters.length) {
      const character = this.#characters[this.#at++]!
      if (character === '*') source += '[^/]*'
      else if (character === '?') source += '[^/]'
      else if (character === '[') source += this.#class()
      else source += literal(character === '\\' ? this.#next() : character)
    }
    return source
  }

  #next(): string {
    const character = this.#characters[this.#at++]
    if (character === undefined) throw badPattern(this.#pattern)
    return character
  }

  #class(): string {
    const negated = this.#characters[this.#at] === '^'
    if (negated) this.#at++
    let ranges = ''
    do {
      const low = this.#member()
      const isRange = this.#characters[this.#at] === '-'
      if (isRange) this.#at++
      const high = isRange ? this.#member() : low
      // A range that is upside down matches nothing.
      if (low <= high) ranges += `${literal(low)}-${literal(high)}`
    } while (this.#characters[this.#at] !== ']')
    this.#at++
    if (ranges === '') return negated ? '[^]' : '[]'
    return negated ? `[^${ranges}]` : `[${ranges}]`
  }

  #member(): string {
    const character = this.#next()
    if (character === '-' || character === ']') throw badPattern(this.#pattern)
    return character === '\\' ? this.#next() : character
  }
}

/** Throws `invalid`: `syntax error in pattern`. */
export const compileMatch = (pattern: string): RegExp =>
  new RegExp(`^${new PatternReader(pattern).source()}$`, 's')

/** Has characters that are special and not escaped. */
export const hasWildcards = (path: string): boolean => /[*?[]/.test(path.replace(/\\[^]/g, ''))

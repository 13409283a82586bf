/**
 * GNU-style flags with pflag's semantics, as every Docker command has them: `--name=value`, `--name value`, `-x value`,
 * `-xvalue`, `-x=value`, combined booleans `-it`, `--` ends the flags. Errors are pflag's sentences.
 */
import type { FlagSpec, FlagTable, FlagType, ListType, NumberType, TypesOf } from './flag-spec.ts'
import { FLAG_VALUES, type FlagValue } from './flag-values.ts'

/** A wrong flag: the command prints the message with its usage line and exits with 125. */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

/** `--help`, or `-h` where it isn't a flag of the command. */
export class HelpRequested extends Error {
  override readonly name = 'HelpRequested'
  readonly deprecatedShorthand: boolean

  constructor(deprecatedShorthand: boolean) {
    super('help requested')
    this.deprecatedShorthand = deprecatedShorthand
  }
}

/**
 * The values of a command line's flags, and the defaults of those not given. `Types` says which flags there are, name →
 * type: a name that the table doesn't have, or has as another type, does not compile. Flags of a larger table serve where
 * some of its flags are asked for.
 */
export class ParsedFlags<Types> {
  /** Exists for the compiler alone, which compares the flags that there are with those that are asked for. */
  declare readonly types?: Types
  readonly #specs: ReadonlyMap<string, FlagSpec>
  readonly #values: ReadonlyMap<string, FlagValue>

  constructor(specs: ReadonlyMap<string, FlagSpec>, values: ReadonlyMap<string, FlagValue>) {
    this.#specs = specs
    this.#values = values
  }

  /** Whether the flag was given on the command line, whatever its value. */
  changed<Name extends string>(this: ParsedFlags<Record<Name, FlagType>>, name: Name): boolean {
    return this.#values.has(name)
  }

  /** Names of the flags given. */
  get given(): readonly string[] {
    return [...this.#values.keys()]
  }

  bool<Name extends string>(this: ParsedFlags<Record<Name, 'bool'>>, name: Name): boolean {
    const value = this.#values.get(name)
    return value === undefined ? this.#specs.get(name)?.default === 'true' : value === true
  }

  string<Name extends string>(this: ParsedFlags<Record<Name, 'string'>>, name: Name): string {
    const value = this.#values.get(name)
    return typeof value === 'string' ? value : (this.#specs.get(name)?.default ?? '')
  }

  /** The value of a flag of bytes, nanoseconds, nano-CPUs or a count. */
  number<Name extends string>(this: ParsedFlags<Record<Name, NumberType>>, name: Name): number {
    const value = this.#values.get(name)
    if (typeof value === 'number') return value
    const fallback = Number(this.#specs.get(name)?.default ?? 0)
    return Number.isNaN(fallback) ? 0 : fallback
  }

  list<Name extends string>(this: ParsedFlags<Record<Name, ListType>>, name: Name): string[] {
    const value = this.#values.get(name)
    return Array.isArray(value) ? value : []
  }

  /** The values of `--filter` in the Engine API's form: name → values. */
  filters(this: ParsedFlags<{ filter: 'filter' }>): Record<string, string[]> {
    const value = this.#values.get('filter')
    return typeof value === 'object' && !Array.isArray(value) ? value : {}
  }
}

/** A table's flags by their names. */
interface FlagNames {
  long: ReadonlyMap<string, FlagSpec>
  short: ReadonlyMap<string, FlagSpec>
}

/** Tables are constants, and the largest has a hundred flags. */
const known = new WeakMap<FlagTable, FlagNames>()

function namesOf(table: FlagTable): FlagNames {
  const names = known.get(table) ?? {
    long: new Map(table.map((spec) => [spec.name, spec])),
    short: new Map(table.flatMap((spec) => (spec.short === undefined ? [] : [[spec.short, spec] as const]))),
  }
  known.set(table, names)
  return names
}

interface Parser extends FlagNames {
  values: Map<string, FlagValue>
  rest: string[]
  help: HelpRequested | undefined
}

/**
 * @param interspersed false: the first positional argument ends the flags
 * @throws FlagError, HelpRequested
 */
export function parseFlags<Table extends FlagTable>(
  table: Table,
  argv: readonly string[],
  interspersed = true,
): { flags: ParsedFlags<TypesOf<Table>>; args: string[] } {
  const names = namesOf(table)
  const parser: Parser = { ...names, values: new Map(), rest: [...argv], help: undefined }
  const args = parseWords(parser, interspersed)
  if (parser.help !== undefined) throw parser.help
  return { flags: new ParsedFlags(names.long, parser.values), args }
}

function parseWords(parser: Parser, interspersed: boolean): string[] {
  const args: string[] = []
  while (parser.rest.length > 0) {
    const word = parser.rest.shift()!
    if (word === '--') return [...args, ...parser.rest]
    if (word.length < 2 || !word.startsWith('-')) {
      if (!interspersed) return [word, ...parser.rest]
      args.push(word)
    } else if (word.startsWith('--')) parseLong(parser, word)
    else parseShort(parser, word)
  }
  return args
}

function parseLong(parser: Parser, word: string): void {
  const equals = word.indexOf('=')
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
  if (name === '' || name.startsWith('-')) throw new FlagError(`bad flag syntax: ${word}`)
  if (name === 'help') {
    if (equals < 0 || word.slice(equals + 1) === 'true') parser.help = new HelpRequested(false)
    return
  }
  const spec = parser.long.get(name)
  if (spec === undefined) throw new FlagError(`unknown flag: --${name}`)
  if (equals >= 0) return assign(parser, spec, word.slice(equals + 1))
  if (spec.type === 'bool') return assign(parser, spec, 'true')
  const value = parser.rest.shift()
  if (value === undefined) throw new FlagError(`flag needs an argument: --${name}`)
  assign(parser, spec, value)
}

function parseShort(parser: Parser, word: string): void {
  let letters = word.slice(1)
  while (letters.length > 0) {
    const letter = letters[0]!
    const spec = parser.short.get(letter)
    if (spec === undefined) {
      if (letter === 'h') {
        parser.help = new HelpRequested(true)
        letters = letters.slice(1)
        continue
      }
      throw new FlagError(`unknown shorthand flag: '${letter}' in -${letters}`)
    }
    if (letters.length > 2 && letters[1] === '=') return assign(parser, spec, letters.slice(2))
    if (spec.type === 'bool') {
      assign(parser, spec, 'true')
      letters = letters.slice(1)
      continue
    }
    if (letters.length > 1) return assign(parser, spec, letters.slice(1))
    const value = parser.rest.shift()
    if (value === undefined) throw new FlagError(`flag needs an argument: '${letter}' in -${letters}`)
    return assign(parser, spec, value)
  }
}

function assign(parser: Parser, spec: FlagSpec, text: string): void {
  try {
    const checked = spec.check === undefined ? text : spec.check(text)
    const stored = spec.storesAs ?? spec.name
    parser.values.set(stored, FLAG_VALUES[spec.type](checked, parser.values.get(stored)))
  } catch (error) {
    const name = spec.short === undefined ? `--${spec.name}` : `-${spec.short}, --${spec.name}`
    throw new FlagError(
      `invalid argument ${JSON.stringify(text)} for "${name}" flag: ${(error as Error).message}`,
    )
  }
}

/**
 * Reads the flags `--name=value` of an instruction, with BuildKit's sentences
 * (frontend/dockerfile/instructions/bflag.go).
 */
import { EngineError } from '../../../../protocol/errors.ts'
import { didYouMean, nearest } from './suggest.ts'

export type FlagKind = 'bool' | 'string' | 'strings'

const invalid = (message: string) => new EngineError('invalid', message)

function checkBool(name: string, value: string | undefined): string {
  if (value === '') throw invalid(`missing a value on flag: ${name}`)
  const lower = (value ?? 'true').toLowerCase()
  if (lower !== 'true' && lower !== 'false')
    throw invalid(`expecting boolean value for flag ${name}, not: ${value}`)
  return lower
}

export class InstructionFlags<Name extends string> {
  readonly #values: ReadonlyMap<string, string[]>

  private constructor(values: ReadonlyMap<string, string[]>) {
    this.#values = values
  }

  /** Reads an instruction's flags. Throws `invalid` for a flag that the instruction does not have. */
  static parse<Name extends string>(
    given: readonly string[],
    known: Readonly<Record<Name, FlagKind>>,
  ): InstructionFlags<Name> {
    const values = new Map<string, string[]>()
    for (const flag of given) {
      const equals = flag.indexOf('=')
      const written = equals < 0 ? flag : flag.slice(0, equals)
      const value = equals < 0 ? undefined : flag.slice(equals + 1)
      const name = written.slice(2)
      if (!Object.hasOwn(known, name))
        throw invalid(didYouMean(`unknown flag: ${written}`, nearest(name, Object.keys(known))))
      const kind = known[name as Name]
      if (values.has(name) && kind !== 'strings') throw invalid(`duplicate flag specified: ${written}`)
      if (kind !== 'bool' && value === undefined) throw invalid(`missing a value on flag: ${written}`)
      values.set(name, [...(values.get(name) ?? []), kind === 'bool' ? checkBool(written, value) : value!])
    }
    return new InstructionFlags<Name>(values)
  }

  /** Names of the given flags, in their order. */
  get used(): string[] {
    return [...this.#values.keys()]
  }

  /** Empty when not given. */
  text(name: Name): string {
    return this.#values.get(name)?.[0] ?? ''
  }

  all(name: Name): string[] {
    return this.#values.get(name) ?? []
  }

  flag(name: Name): boolean {
    return this.text(name) === 'true'
  }
}

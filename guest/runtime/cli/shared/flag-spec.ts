/** A flag of a command: everything that parsing, help texts and completion need to know about it. */

/** Types of flags that are given several times, or whose one value is a list. */
export type ListType =
  'stringSlice' | 'list' | 'stringArray' | 'map' | 'mount' | 'network' | 'ulimit' | 'gpu-request'

/** Types of flags whose value is a count, bytes, nano-CPUs or nanoseconds. */
export type NumberType = 'int' | 'uint16' | 'uint' | 'bytes' | 'swap-bytes' | 'decimal' | 'duration'

/** Names as Docker's help texts print them; `bool` prints none. flag-values.ts holds a parser for each. */
export type FlagType = 'bool' | 'string' | 'filter' | ListType | NumberType

export interface FlagSpec {
  name: string
  /** One letter, without the dash. */
  short?: string
  type: FlagType
  /** One line, or several where Docker's help breaks them itself. */
  usage: string
  /** The value when the flag isn't given; the help text shows it after `(default …)`. Without quotes. */
  default?: string
  /** The word that the help text shows in place of the type. */
  valueName?: string
  /** Accepted but not shown in help. */
  hidden?: true
  /** Refused when given, as Docker's client does with an engine that has no experimental features. */
  experimental?: true
  /** An old spelling: the value goes to the flag of this name. */
  storesAs?: string
  /** Checks and normalises one given value; throws an Error with Docker's sentence. */
  check?: (value: string) => string
}

/** The flags of a command, in the order of its table. */
export type FlagTable = readonly FlagSpec[]

/** Keeps the names and types of a table's flags for the compiler. */
export const flagTable = <const Table extends FlagTable>(flags: Table): Table => flags

/** Keeps the names and types of the flags of several commands. */
export const flagTables = <const Tables extends Readonly<Record<string, FlagTable>>>(
  tables: Tables,
): Tables => tables

/** A table's flags as name → type: what its handler may read. An old spelling is read by the name that it stores as. */
export type TypesOf<Table extends FlagTable> = {
  readonly [Flag in Table[number] as Flag extends { storesAs: string } ? never : Flag['name']]: Flag['type']
}

/** `TypesOf` of several tables: command → name → type. */
export type TypesOfAll<Tables extends Readonly<Record<string, FlagTable>>> = {
  readonly [Command in keyof Tables]: TypesOf<Tables[Command]>
}

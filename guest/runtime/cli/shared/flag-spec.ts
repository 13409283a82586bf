/** A flag of a command: everything that parsing, help texts and completion need to know about it. */

/** Names as Docker's help texts print them; `bool` prints none. flag-values.ts holds a parser for each. */
export type FlagType =
  | 'bool'
  | 'string'
  | 'stringSlice'
  | 'list'
  | 'stringArray'
  | 'map'
  | 'int'
  | 'uint16'
  | 'uint'
  | 'bytes'
  | 'swap-bytes'
  | 'decimal'
  | 'duration'
  | 'filter'
  | 'mount'
  | 'network'
  | 'ulimit'
  | 'gpu-request'

export interface FlagSpec {
  name: string
  /** One letter, without the dash. */
  short?: string
  type: FlagType
  /** One line, or several where Docker's help breaks them itself. */
  usage: string
  /** The value when the flag isn't given; the help text shows it after `(default …)`. Without quotes. */
  default?: string
  /** What the help text shows in place of the type. */
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

/** Parses HEALTHCHECK. */
import type { HealthConfig } from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { parseGoDuration } from '../../../../vocabulary/go-duration.ts'
import { InstructionFlags } from './instruction-flags.ts'
import type { InstructionOf } from './instructions.ts'
import type { DockerfileLine } from './parse-lines.ts'
import { quote } from '../../../../vocabulary/go-quote.ts'
import { writtenOf } from './written.ts'

const FLAGS = {
  interval: 'string',
  timeout: 'string',
  'start-period': 'string',
  'start-interval': 'string',
  retries: 'string',
} as const

type Flags = InstructionFlags<keyof typeof FLAGS>

const invalid = (message: string) => new EngineError('invalid', message)

/** A millisecond in nanoseconds. */
const MINIMUM_DURATION = 1_000_000

function parseDuration(text: string): number {
  try {
    return parseGoDuration(text)
  } catch (thrown) {
    throw new EngineError('invalid', (thrown as Error).message, { text }, thrown)
  }
}

function duration(flags: Flags, name: Exclude<keyof typeof FLAGS, 'retries'>): number {
  const text = flags.text(name)
  const value = text === '' ? 0 : parseDuration(text)
  if (value !== 0 && value < MINIMUM_DURATION)
    throw invalid(`Interval ${quote(name)} cannot be less than 1ms`)
  return value
}

function retriesOf(flags: Flags): number {
  const text = flags.text('retries')
  if (text === '') return 0
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`)
  const retries = Number(text)
  if (Math.abs(retries) >= 2 ** 31)
    throw invalid(`strconv.ParseInt: parsing ${quote(text)}: value out of range`)
  if (retries < 0) throw invalid(`--retries cannot be negative (${retries})`)
  return retries
}

/** The check without fields that are zero, as Docker's JSON leaves them out. */
function checkOf(test: string[], flags: Flags): HealthConfig {
  const entries = {
    Interval: duration(flags, 'interval'),
    Timeout: duration(flags, 'timeout'),
    StartPeriod: duration(flags, 'start-period'),
    StartInterval: duration(flags, 'start-interval'),
    Retries: retriesOf(flags),
  }
  return { Test: test, ...Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== 0)) }
}

function testOf(type: string, words: string[], json: boolean): string[] {
  if (type !== 'CMD') throw invalid(`Unknown type ${quote(type)} in HEALTHCHECK (try CMD)`)
  if (words.length === 0) throw invalid('Missing command after HEALTHCHECK CMD')
  return json ? ['CMD', ...words] : ['CMD-SHELL', words.join(' ')]
}

export function parseHealthcheck(line: DockerfileLine): InstructionOf<'healthcheck'> {
  const { words, json } = line.arguments
  const [first, ...rest] = words
  if (first === undefined) throw invalid('HEALTHCHECK requires at least one argument')
  const written = { kind: 'healthcheck', ...writtenOf(line) } as const
  const type = first.toUpperCase()
  if (type === 'NONE') {
    if (rest.length > 0) throw invalid('HEALTHCHECK NONE takes no arguments')
    return { ...written, healthcheck: { Test: ['NONE'] } }
  }
  const flags = InstructionFlags.parse(line.flags, FLAGS)
  return { ...written, healthcheck: checkOf(testOf(type, rest, json), flags) }
}

/**
 * The engine's records on disk: each is a JSON document with the version that this engine writes. A record that cannot
 * be read is rejected with a reason, so that the engine can report it and go on without it.
 */
import { EngineError } from '../../../protocol/errors.ts'
import type { Files } from './files.ts'

/** Raised when an older engine could not read what is written any more. */
const VERSION = 1

/** What a field must be for a record to be believed; a `?` at its end lets it be absent. */
export type FieldType =
  'string' | 'number' | 'boolean' | 'object' | 'array' | 'object or null' | 'array or null'
type FieldRule = FieldType | `${FieldType}?`
export type Fields = Readonly<Record<string, FieldRule>>
/** For `satisfies`: names that the record type does not have do not compile. */
export type FieldsOf<Shape> = { readonly [Key in keyof Shape]?: FieldRule }

const typeOf = (value: unknown): string => {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function isType(value: unknown, wanted: string): boolean {
  if (value === undefined) return wanted.endsWith('?')
  return wanted.replace('?', '').split(' or ').includes(typeOf(value))
}

function reasonAgainst(value: unknown, fields: Fields): string | undefined {
  if (typeOf(value) !== 'object') return 'it is no JSON object'
  const record = value as Record<string, unknown>
  if (record['version'] !== VERSION) return `it is of version ${String(record['version'])}, not ${VERSION}`
  const wrong = Object.entries(fields).find(([key, wanted]) => !isType(record[key], wanted))
  return wrong && `its field ${wrong[0]} is not of type ${wrong[1]}`
}

/** @throws EngineError `corrupt`, which names the file, what is wrong with it, and what to do */
export async function readRecord<Shape extends object>(
  files: Pick<Files, 'readText'>,
  path: string,
  fields: Fields,
): Promise<Shape> {
  const text = await files.readText(path)
  let value: unknown
  let reason: string | undefined
  try {
    value = JSON.parse(text)
    reason = reasonAgainst(value, fields)
  } catch {
    reason = 'it is not JSON'
  }
  if (reason !== undefined)
    throw new EngineError('corrupt', `the record ${path} cannot be read: ${reason}; remove it`, { path })
  return value as Shape
}

export const recordText = (record: object): string => JSON.stringify({ ...record, version: VERSION })

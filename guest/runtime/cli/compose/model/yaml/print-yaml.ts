/** Prints YAML as go-yaml v3 does: which scalars are quoted and how, block literals for lines, two spaces a level. */
import { goNumber, goTime } from './go-scalars.ts'
import { byYamlKey } from './key-order.ts'
import { isDict } from './tree.ts'

/** Words that would be read as another type than a string when they stood unquoted. */
const OTHER_TYPES = [
  /^$|^~$|^(null|Null|NULL)$/,
  /^(true|True|TRUE|false|False|FALSE)$/,
  /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/,
  /^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
  /^<<$/,
]

const isOtherType = (text: string): boolean =>
  OTHER_TYPES.some((pattern) => pattern.test(text)) ||
  goNumber(text) !== undefined ||
  goTime(text) !== undefined

/** Says whether a text must be quoted in a block, by go-yaml's analysis. */
function needsQuotes(text: string): boolean {
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^(---|\.\.\.)/.test(text)) return true
  if (/^[-?:]($|\s)/.test(text) || /^[\s]|[\s]$/.test(text)) return true
  return /:(\s|$)|\s#/.test(text)
}

const SPECIAL = /[\x00-\x09\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff]/

const ESCAPES: Record<string, string> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
}

const doubleQuoted = (text: string): string =>
  `"${text.replace(
    /[\x00-\x1f"\\\x7f-\x84\x86-\x9f\ufeff]/g,
    (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )}"`

function literal(text: string, indent: string): string {
  const clip = text.endsWith('\n\n') || text === '\n' ? '+' : text.endsWith('\n') ? '' : '-'
  // A block whose first line begins with a space must state its indentation.
  const hint = /^[ \n]/.test(text) ? '2' : ''
  const lines = text.replace(/\n$/, '').split('\n')
  return `|${hint}${clip}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}`
}

function scalar(value: unknown, indent: string): string {
  if (typeof value !== 'string') return value === null || value === undefined ? 'null' : String(value)
  if (SPECIAL.test(value)) return doubleQuoted(value)
  if (value.includes('\n'))
    return / \n|\n $| $/.test(value) || value.trim() === '' ? doubleQuoted(value) : literal(value, indent)
  if (isOtherType(value)) return doubleQuoted(value)
  return needsQuotes(value) ? `'${value.replaceAll("'", "''")}'` : value
}

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isDict(value) && Object.keys(value).length === 0

const emptyText = (value: unknown): string => (Array.isArray(value) ? '[]' : '{}')

/**
 * What a value is in Go: a struct, whose fields keep their order; a map, whose keys are sorted; or a value without a type,
 * in which everything that has keys is a map.
 */
export type YamlKind = 'struct' | 'map of structs' | 'untyped'

/** The fields of a compose file's structs that are maps. Where one may be a list as well, its items are structs. */
const MAPS = new Set(
  `services networks volumes secrets configs depends_on environment args labels annotations options driver_opts
  aux_addresses additional_contexts ulimits storage_opt sysctls`.split(/\s+/),
)

const fieldKind = (name: string): YamlKind =>
  name.startsWith('x-') ? 'untyped' : MAPS.has(name) ? 'map of structs' : 'struct'

function items(value: readonly unknown[], indent: string, kind: YamlKind): string[] {
  return value.map((item) => {
    if ((isDict(item) || Array.isArray(item)) && !isEmpty(item)) {
      const lines = entries(item, `${indent}  `, kind).join('\n')
      return `${indent}- ${lines.slice(indent.length + 2)}`
    }
    return `${indent}- ${isEmpty(item) ? emptyText(item) : scalar(item, `${indent}  `)}`
  })
}

function entries(value: unknown, indent: string, kind: YamlKind): string[] {
  if (Array.isArray(value)) return items(value, indent, kind === 'untyped' ? kind : 'struct')
  const fields: [string, unknown][] = Object.entries(value as object)
  if (kind !== 'struct') fields.sort(([a], [b]) => byYamlKey(a, b))
  return fields.map(([key, item]) => {
    const name = `${indent}${scalar(key, indent)}:`
    if (isEmpty(item)) return `${name} ${emptyText(item)}`
    if (!isDict(item) && !Array.isArray(item)) return `${name} ${scalar(item, `${indent}  `)}`
    const itemKind = kind === 'struct' ? fieldKind(key) : kind === 'untyped' ? kind : 'struct'
    return `${name}\n${entries(item, `${indent}  `, itemKind).join('\n')}`
  })
}

/** One document with a final newline. */
export const goYamlText = (value: unknown, kind: YamlKind): string =>
  isEmpty(value) ? `${emptyText(value)}\n` : `${entries(value, '', kind).join('\n')}\n`

/** Prints help texts in the layout of Docker's (cobra's template as docker/cli sets it; flags as pflag prints them). */
import type { FlagSpec, FlagTable } from '../shared/flag-spec.ts'
import type { CommandWords } from '../shared/command.ts'
import { COMMANDS, GROUPS } from './table/table.ts'

/** Terminal width when the caller has none. */
const DEFAULT_WIDTH = 80

/** Columns that pflag leaves free at the right edge to avoid splitting a word (its "slop"). */
const SLOP = 5

/** Breaks a text as pflag's `wrapN` does: the first piece of at most `width` (+ slop) columns, and the rest. */
function breakLine(text: string, width: number): [string, string] {
  if (width + SLOP > text.length) return [text, '']
  const head = text.slice(0, width)
  const space = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'))
  if (space <= 0) return [text, '']
  const newline = head.lastIndexOf('\n')
  const at = newline > 0 && newline < space ? newline : space
  return [text.slice(0, at), text.slice(at + 1)]
}

/** Wraps a text as pflag's `wrap` does: later lines are indented to the column of the usage text. */
function wrap(text: string, indent: number, columns: number): string {
  let first = ''
  if (columns - indent < 24) {
    indent = 16
    first = `\n${' '.repeat(indent)}`
    if (columns - indent < 24) return text.replaceAll('\n', first)
  }
  const margin = `\n${' '.repeat(indent)}`
  const lines: string[] = []
  for (let rest = text; rest !== '' || lines.length === 0;) {
    const [line, next] = breakLine(rest, columns - indent - SLOP)
    lines.push(line.replaceAll('\n', margin))
    rest = next
  }
  return first + lines.join(margin)
}

const TYPE_NAMES: Partial<Record<FlagSpec['type'], string>> = {
  bool: '',
  'swap-bytes': 'bytes',
  stringSlice: 'strings',
}

function defaultText(flag: FlagSpec): string {
  if (flag.default === undefined) return ''
  return ` (default ${flag.type === 'string' ? JSON.stringify(flag.default) : flag.default})`
}

/**
 * Prints the flags of a help text.
 * @param width of the terminal in columns
 */
export function flagUsages(flags: FlagTable, width: number): string {
  const shown = flags.filter((flag) => flag.hidden !== true).sort((a, b) => (a.name < b.name ? -1 : 1))
  const heads = shown.map((flag) => {
    const type = flag.valueName ?? TYPE_NAMES[flag.type] ?? flag.type
    const short = flag.short === undefined ? '      ' : `  -${flag.short}, `
    return `${short}--${flag.name}${type === '' ? '' : ` ${type}`}`
  })
  const column = Math.max(...heads.map((head) => head.length)) + 3
  return shown
    .map((flag, at) => heads[at]!.padEnd(column) + wrap(flag.usage + defaultText(flag), column, width - 1))
    .join('\n')
}

/** `docker container ls` and, when it has one, its name at the top level. */
export function aliasPaths(command: CommandWords): string[] {
  const paths = [command.name, ...(command.aliases ?? [])].map((name) =>
    ['docker', command.group, name].filter((part) => part !== undefined).join(' '),
  )
  if (command.top !== undefined) paths.push(`docker ${command.top}`)
  // Docker lists the name in the buildx plugin too, whether the plugin is there or not.
  if (command.alsoIn === 'builder') paths.push(`docker buildx ${command.name}`)
  if (command.alsoIn !== undefined) paths.push(`docker ${command.alsoIn} ${command.name}`)
  return paths
}

/** `docker run [OPTIONS] IMAGE …` */
export const usageLine = (command: CommandWords, commandPath: string): string =>
  command.operands === '' ? commandPath : `${commandPath} ${command.operands}`

function experimental(path: string, group: string | undefined): string[] {
  if (GROUPS.find(({ name }) => name === group)?.experimental !== true) return []
  return [
    `EXPERIMENTAL:
  ${path} is an experimental feature.
  Experimental features provide early access to product functionality. These
  features may change between releases without warning, or can be removed from a
  future release. Learn more about experimental features in our documentation:
  https://docs.docker.com/go/experimental/`,
  ]
}

/**
 * The help text of a command.
 * @param columns of the caller's terminal; 0 for none
 */
export function commandHelp(command: CommandWords, commandPath: string, columns: number): string {
  const parts = [
    `Usage:  ${usageLine(command, commandPath)}`,
    command.long ?? command.summary,
    ...experimental(commandPath, command.group),
  ]
  const aliases = aliasPaths(command)
  if (aliases.length > 1) parts.push(`Aliases:\n  ${aliases.join(', ')}`)
  if (command.example !== undefined) parts.push(`Examples:\n${command.example}`)
  const flags = command.flags.filter((flag) => flag.hidden !== true)
  if (flags.length > 0) parts.push(`Options:\n${flagUsages(flags, columns || DEFAULT_WIDTH).trimEnd()}`)
  return `${parts.join('\n\n')}\n`
}

const listing = (rows: { name: string; summary: string }[]): string =>
  rows
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`)
    .join('\n')

export function groupHelp(group: string): string {
  const { summary, long = summary } = GROUPS.find(({ name }) => name === group)!
  const rows = COMMANDS.filter(
    (command) => [command.group, command.alsoIn].includes(group) && command.hidden !== true,
  )
  return [
    `Usage:  docker ${group} COMMAND`,
    long,
    ...experimental(`docker ${group}`, group),
    `Commands:\n${listing(rows.map(({ name, summary }) => ({ name, summary })))}`,
    `Run 'docker ${group} COMMAND --help' for more information on a command.\n`,
  ].join('\n\n')
}

export function rootHelp(globalFlags: FlagTable, columns: number): string {
  const top = COMMANDS.filter(({ hidden }) => hidden !== true).flatMap((command) => {
    const name = command.group === undefined ? command.name : command.top
    return name === undefined ? [] : [{ name, summary: command.summary, common: command.common }]
  })
  const common = top.filter((row) => row.common !== undefined).sort((a, b) => a.common! - b.common!)
  return [
    'Usage:  docker [OPTIONS] COMMAND',
    'A self-sufficient runtime for containers',
    `Common Commands:\n${common.map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`).join('\n')}`,
    `Management Commands:\n${listing([...GROUPS])}`,
    `Commands:\n${listing(top.filter((row) => row.common === undefined))}`,
    `Global Options:\n${flagUsages(globalFlags, columns || DEFAULT_WIDTH).trimEnd()}`,
    "Run 'docker COMMAND --help' for more information on a command.",
    'For more help on how to use Docker, head to https://docs.docker.com/go/guides/\n',
  ].join('\n\n')
}

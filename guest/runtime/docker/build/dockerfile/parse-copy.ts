/** Parses COPY and ADD. */
import { EngineError } from '../../../../protocol/errors.ts'
import { heredocData, parseHeredoc } from './heredoc.ts'
import { InstructionFlags } from './instruction-flags.ts'
import type { CopyInstruction, InlineFile, SourcesAndDestination } from './instructions.ts'
import type { DockerfileLine } from './parse-lines.ts'
import { writtenOf } from './written.ts'

const COPY_FLAGS = {
  chown: 'string',
  from: 'string',
  chmod: 'string',
  link: 'bool',
  exclude: 'strings',
  parents: 'bool',
} as const

const ADD_FLAGS = {
  chown: 'string',
  chmod: 'string',
  link: 'bool',
  'keep-git-dir': 'bool',
  checksum: 'string',
  unpack: 'bool',
  exclude: 'strings',
} as const

function sourcesOf(name: string, { arguments: { words }, heredocs }: DockerfileLine): SourcesAndDestination {
  const destination = words.at(-1)!
  if (parseHeredoc(destination))
    throw new EngineError('invalid', `${name} cannot accept a heredoc as a destination`)
  const contents = new Map(heredocs.map((heredoc) => [heredoc.name, heredoc]))
  const sources: string[] = []
  const inline: InlineFile[] = []
  for (const word of words.slice(0, -1)) {
    const heredoc = parseHeredoc(word)
    const found = heredoc && contents.get(heredoc.name)
    if (found) inline.push({ name: found.name, data: heredocData(found), expand: found.expand })
    else sources.push(word)
  }
  return { sources, inline, destination }
}

const SUPPORTED: ReadonlySet<string> = new Set(['from', 'chown', 'chmod'])

export function parseCopy(kind: 'copy' | 'add', line: DockerfileLine): CopyInstruction {
  const name = kind.toUpperCase()
  if (line.arguments.words.length < 2)
    throw new EngineError(
      'invalid',
      `${name} requires at least two arguments, but only one was provided. Destination could not be determined`,
    )
  const flags = InstructionFlags.parse<string>(line.flags, kind === 'copy' ? COPY_FLAGS : ADD_FLAGS)
  return {
    ...{ kind, ...writtenOf(line), ...sourcesOf(name, line) },
    ...{ from: flags.text('from'), chown: flags.text('chown'), chmod: flags.text('chmod') },
    unsupported: flags.used.filter((flag) => !SUPPORTED.has(flag)),
  }
}

/** `docker __complete`: cobra's protocol between a shell's completion script and the command it completes. */
import type { FlagSpec } from '../shared/flag-spec.ts'
import type { CliServices } from '../shared/services.ts'
import { engineFor } from '../shared/api-error.ts'
import type { CliSession } from '../shared/session.ts'
import { globalFlags } from '../docker/table/global-flags.ts'
import { COMMANDS, findCommand, findGroup, GROUPS } from '../docker/table/table.ts'
import { candidates, type CandidateKind } from './candidates.ts'
import { DIRECTIVE, NOTHING, type Completer, type Completion, type Level, type Proposal } from './levels.ts'
import { ARGUMENTS, FLAG_VALUES_BY_NAME } from './places.ts'

const DIRECTIVE_NAMES: Record<number, string> = {
  0: 'ShellCompDirectiveDefault',
  1: 'ShellCompDirectiveError',
  2: 'ShellCompDirectiveNoSpace',
  4: 'ShellCompDirectiveNoFileComp',
}

const named = (names: readonly string[]): Completion => ({
  proposals: names.map((text) => ({ text })),
  directive: DIRECTIVE.noFiles,
})

async function ofKind({ api }: Completer, kind: CandidateKind | 'none'): Promise<Completion> {
  if (kind === 'none') return NOTHING
  if (kind === 'files') return { proposals: [], directive: DIRECTIVE.default }
  return named(await candidates(api, kind))
}

function commandLevel(completer: Completer, path: string): Level | undefined {
  const command = findCommand(path)
  if (command === undefined) return undefined
  const places = ARGUMENTS.get(
    command.group === undefined ? command.name : `${command.group} ${command.name}`,
  )
  return {
    flags: command.flags,
    interspersed: command.interspersed !== false,
    argument: async (given) => {
      if (places === undefined) return NOTHING
      const completion = await ofKind(completer, places[Math.min(given.length, places.length - 1)]!)
      return { ...completion, proposals: completion.proposals.filter(({ text }) => !given.includes(text)) }
    },
  }
}

const proposal = (name: string, description: string): Proposal => ({ text: name, description })

function groupLevel(completer: Completer, group: string): Level {
  const own = COMMANDS.filter((command) => command.group === group && command.hidden !== true)
  return {
    flags: [],
    interspersed: false,
    commands: own.map(({ name, summary }) => proposal(name, summary)),
    enter: (name) => commandLevel(completer, `${group} ${name}`),
  }
}

async function rootLevel(completer: Completer, words: readonly string[]): Promise<Level> {
  const top = COMMANDS.flatMap(({ group, name, top: own, summary, hidden }) => {
    const shown = group === undefined ? name : own
    return shown === undefined || hidden === true ? [] : [proposal(shown, summary)]
  })
  const composeLevel = words.includes('compose')
    ? (await import('./complete-compose.ts')).composeLevel(completer)
    : undefined
  const groups = GROUPS.map(({ name, summary }) => proposal(name, summary))
  return {
    flags: globalFlags(completer.session.env.HOME ?? '/root'),
    interspersed: false,
    commands: [...groups, proposal('compose', 'Docker Compose'), ...top],
    enter: (name) =>
      name === 'compose'
        ? composeLevel
        : findGroup(name) !== undefined
          ? groupLevel(completer, name)
          : commandLevel(completer, name),
  }
}

interface Position {
  level: Level
  args: string[]
  /** The flag whose value comes next. */
  flag?: FlagSpec
  /** Set after `--`, and after the first argument of a command that takes another command. */
  flagsEnded: boolean
  given: Set<string>
}

function flagOf(level: Level, word: string): FlagSpec | undefined {
  if (word.startsWith('--')) return level.flags.find(({ name }) => name === word.slice(2).split('=')[0])
  return level.flags.find(({ short }) => short === word[word.length - 1])
}

/** Follows the words down to where the last one stands. */
function locate(root: Level, words: readonly string[]): Position | undefined {
  const position: Position = { level: root, args: [], flagsEnded: false, given: new Set() }
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!
    if (word === '--') position.flagsEnded = true
    else if (word.startsWith('-') && word !== '-' && !position.flagsEnded) {
      const flag = flagOf(position.level, word)
      if (flag === undefined) continue
      position.given.add(flag.name)
      if (flag.type === 'bool' || word.includes('=')) continue
      at += 1
      if (at >= words.length) position.flag = flag
    } else if (position.level.enter !== undefined) {
      const next = position.level.enter(word)
      if (next === undefined) return undefined
      Object.assign(position, { level: next, given: new Set() })
    } else {
      position.args.push(word)
      if (!position.level.interspersed) position.flagsEnded = true
    }
  }
  return position
}

const REPEATED: readonly FlagSpec['type'][] = [
  'list',
  'stringArray',
  'stringSlice',
  'map',
  'filter',
  'mount',
  'network',
]

function flagProposals({ level, given }: Position): Completion {
  const open = level.flags.filter(
    ({ name, hidden, type }) => hidden !== true && (!given.has(name) || REPEATED.includes(type)),
  )
  const proposals = open.flatMap(({ name, short, usage }) => {
    const description = usage.split('\n')[0]!
    const long = proposal(`--${name}`, description)
    return short === undefined ? [long] : [long, proposal(`-${short}`, description)]
  })
  return { proposals: [...proposals, proposal('--help', 'Print usage')], directive: DIRECTIVE.noFiles }
}

async function flagValues(completer: Completer, { name }: FlagSpec): Promise<Completion> {
  const values = FLAG_VALUES_BY_NAME[name]
  if (values === undefined) return { proposals: [], directive: DIRECTIVE.default }
  return typeof values === 'string' ? ofKind(completer, values) : named(values)
}

async function completionFor(
  completer: Completer,
  words: readonly string[],
  last: string,
): Promise<Completion> {
  const position = locate(await rootLevel(completer, words), words)
  if (position === undefined) return { proposals: [], directive: DIRECTIVE.default }
  const { level, args, flag, flagsEnded } = position
  if (flag !== undefined) return flagValues(completer, flag)
  if (last.startsWith('-') && !flagsEnded) {
    const valued = last.includes('=') ? flagOf(level, last) : undefined
    return valued === undefined ? flagProposals(position) : flagValues(completer, valued)
  }
  if (level.commands !== undefined) return { proposals: [...level.commands], directive: DIRECTIVE.noFiles }
  return (await level.argument?.(args)) ?? NOTHING
}

/** @param argv after `__complete`: the words so far, the last one unfinished. @returns the exit code */
export async function complete(
  session: CliSession,
  services: CliServices,
  argv: readonly string[],
  descriptions: boolean,
): Promise<number> {
  const words = argv.slice(0, -1)
  const last = argv.at(-1) ?? ''
  const completer = { session, services, api: engineFor(services.transport, session.ended) }
  const { proposals, directive } = await completionFor(completer, words, last)
  // For `--flag=val` only the value is proposed.
  const typed = last.startsWith('-') && last.includes('=') ? last.slice(last.indexOf('=') + 1) : last
  const lines = proposals
    .filter(({ text }) => text.startsWith(typed))
    .map(({ text, description }) =>
      descriptions && description !== undefined && description !== '' ? `${text}\t${description}` : text,
    )
  await session.stdout.write(`${[...lines, `:${directive}`].join('\n')}\n`)
  await session.stderr.write(`Completion ended with directive: ${DIRECTIVE_NAMES[directive] ?? directive}\n`)
  return 0
}

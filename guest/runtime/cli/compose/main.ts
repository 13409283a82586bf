/** `docker compose`: parses its own flags, then a command with its flags. It is loaded when first used. */
import { CliError } from '../shared/cli-error.ts'
import type { CliServices } from '../shared/services.ts'
import { engineFor } from '../shared/api-error.ts'
import { FlagError, HelpRequested, parseFlags, type ParsedFlags } from '../shared/parse-flags.ts'
import type { CliSession } from '../shared/session.ts'
import { commandHelp, flagUsages } from '../docker/usage.ts'
import type { ComposeEnvironment, ProgressMode } from './context.ts'
import { ROOT_FLAGS, type RootFlags } from './flags.ts'
import { asCliError, EXIT } from './model/compose-error.ts'
import { COMPOSE_COMMANDS, findComposeCommand, type ComposeCommand } from './table.ts'
import { warner } from './warnings.ts'

const columns = (session: CliSession): number => (session.stdin.isTerminal ? session.size().columns : 0)

function rootHelp(session: CliSession): string {
  const rows = COMPOSE_COMMANDS.filter(({ hidden }) => hidden !== true)
    .map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`)
    .sort()
  return [
    'Usage:  docker compose [OPTIONS] COMMAND',
    'Define and run multi-container applications with Docker',
    `Options:\n${flagUsages(ROOT_FLAGS, columns(session) || 80).trimEnd()}`,
    `Commands:\n${rows.join('\n')}`,
    "Run 'docker compose COMMAND --help' for more information on a command.\n",
  ].join('\n\n')
}

/**
 * Parses, or returns `help` when the help text was asked for.
 * @throws CliError 16 for a wrong flag
 */
function parsedOrHelp<Parsed>(parse: () => Parsed): Parsed | 'help' {
  try {
    return parse()
  } catch (error) {
    if (error instanceof HelpRequested) return 'help'
    if (error instanceof FlagError) throw new CliError(error.message, EXIT.syntax)
    throw error
  }
}

function argumentError({ arguments: rule = {} }: ComposeCommand, given: number): string | undefined {
  const { min = 0, max } = rule
  if (max === 0 && given > 0) return 'accepts no arguments'
  if (given < min) return `requires at least ${min} arg(s), only received ${given}`
  if (max !== undefined && given > max) return `accepts at most ${max} arg(s), received ${given}`
  return undefined
}

/** @throws CliError when `--ansi` and `--progress` contradict each other */
function progressMode(root: ParsedFlags<RootFlags>, ansi: string): ProgressMode {
  const progress = root.string('progress')
  switch (progress) {
    case 'auto':
      return ansi === 'never' ? 'plain' : ansi === 'always' ? 'tty' : 'auto'
    case 'tty':
      if (ansi === 'never') throw new CliError("can't use --progress tty while ANSI support is disabled")
      return 'tty'
    case 'plain':
      if (ansi === 'always') throw new CliError("can't use --progress plain while ANSI support is forced")
      return 'plain'
    case 'quiet':
    case 'none':
      return 'quiet'
    default:
      throw new CliError(`unsupported --progress value ${JSON.stringify(progress)}`)
  }
}

function modes(
  session: CliSession,
  root: ParsedFlags<RootFlags>,
): Pick<ComposeEnvironment, 'progress' | 'colour'> {
  const asked = root.bool('no-ansi') ? 'never' : root.string('ansi')
  const ansi = root.changed('ansi') ? asked : (session.env.COMPOSE_ANSI ?? asked)
  const noColour = (session.env.NO_COLOR ?? '') !== ''
  const colour = !noColour && (ansi === 'always' || (ansi === 'auto' && session.stdout.isTerminal))
  return { progress: progressMode(root, ansi), colour }
}

/** @param argv the words after `docker compose`. @returns the exit code. @throws CliError */
export async function runCompose(
  session: CliSession,
  services: CliServices,
  argv: readonly string[],
): Promise<number> {
  const root = parsedOrHelp(() => parseFlags(ROOT_FLAGS, argv, false))
  if (root === 'help' || (root.args.length === 0 && !root.flags.bool('version'))) {
    await session.stdout.write(`\n${rootHelp(session)}`)
    return 0
  }
  const [name, ...rest] = root.args.length === 0 ? ['version'] : root.args
  if (name === 'help') return help(session, rest)
  const command = findComposeCommand(name!)
  if (command === undefined) {
    await session.stdout.write(`\n${rootHelp(session)}`)
    throw new CliError(`unknown docker command: ${JSON.stringify(`compose ${name!}`)}`, EXIT.syntax)
  }
  const own = parsedOrHelp(() => command.parse(rest))
  if (own === 'help') return help(session, [name!])
  const wrong = argumentError(command, own.args.length)
  if (wrong !== undefined) throw new CliError(wrong)
  const environment: ComposeEnvironment = {
    session,
    api: engineFor(services.transport, session.ended),
    files: services.files,
    dial: services.dial,
    now: services.now,
    root: root.flags,
    warn: warner(session, services.now),
    ...modes(session, root.flags),
  }
  try {
    return await own.run(environment)
  } catch (error) {
    throw asCliError(error)
  }
}

async function help(session: CliSession, [name]: readonly string[]): Promise<number> {
  const command = name === undefined ? undefined : findComposeCommand(name)
  const text =
    command === undefined
      ? rootHelp(session)
      : commandHelp(command, `docker compose ${name!}`, columns(session))
  await session.stdout.write(`\n${text}`)
  return 0
}
